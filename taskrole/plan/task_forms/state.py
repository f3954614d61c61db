"""Resources of a Terraform state, from `terraform.tfstate` or the output of `terraform show -json`.

The state is read value by value, and only resources of the requested types are kept, because a state contains secrets
in plain text.
Sources: https://developer.hashicorp.com/terraform/internals/json-format and
https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.plan.json_stream import ITEM, JsonStream, Keep, Mode, Path, keep_all
from taskrole.plan.model import has_true, mappings

_VERSION = 4
_SHOWN = frozenset({"values", "root_module", "child_modules", "resources", ITEM})


@dataclass(frozen=True)
class StateResource:
    """A managed resource of a state; `sensitive` are its sensitive attributes."""

    address: str
    type: str
    values: Mapping[str, Any]
    sensitive: frozenset[str] = frozenset()


def read_shown_state(stream: BinaryIO, file: str, types: frozenset[str]) -> Iterator[StateResource]:
    """Yield the resources of the given types in a state from `terraform show -json`. Raises InputError."""

    def mode(path: Path) -> Mode:
        if path[-2:] == ("resources", ITEM):
            return "value"
        return "open" if _SHOWN.issuperset(path) else "skip"

    for _, resource in JsonStream(stream, file).walk(mode, _keeper(types)):
        if _is_wanted(resource, types) and isinstance(resource.get("values"), Mapping):
            hidden = resource.get("sensitive_values")
            sensitive = {key for key, mask in hidden.items() if has_true(mask)} if isinstance(hidden, Mapping) else ()
            address = str(resource.get("address", ""))
            yield StateResource(address, resource["type"], resource["values"], frozenset(sensitive))


def read_state_file(stream: BinaryIO, file: str, types: frozenset[str]) -> Iterator[StateResource]:
    """Yield the resources of the given types in a state file. Raises InputError, also for versions other than 4."""

    def mode(path: Path) -> Mode:
        if path in ((), ("resources",)):
            return "open"
        return "value" if path in (("version",), ("resources", ITEM)) else "skip"

    for path, value in JsonStream(stream, file).walk(mode, _keeper(types)):
        if path == ("version",) and value != _VERSION:
            message = (
                f"must be a state of version {_VERSION}; got {quote(value)}; run `terraform show -json > state.json`"
            )
            raise InputError([Problem(Place(file, path="version"), message)])
        if len(path) > 1 and _is_wanted(value, types):
            yield from _instances(value)


def _keeper(types: frozenset[str]) -> Any:
    """Return a function that reduces objects while they are read: those of other types to nothing."""

    def keep(value: dict[str, Any]) -> Any:
        is_resource = "type" in value and "mode" in value
        return value if not is_resource or str(value["type"]) in types else {}

    def keeper(path: Path) -> Keep:
        return keep if ITEM in path else keep_all

    return keeper


def _is_wanted(resource: Any, types: frozenset[str]) -> bool:
    return isinstance(resource, Mapping) and str(resource.get("type")) in types and resource.get("mode") == "managed"


def _instances(resource: Mapping[str, Any]) -> Iterator[StateResource]:
    module = f"{resource['module']}." if resource.get("module") else ""
    for instance in mappings(resource.get("instances")):
        values = instance.get("attributes")
        if isinstance(values, Mapping) and "deposed" not in instance:
            index = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
            address = f"{module}{resource['type']}.{resource.get('name')}{index}"
            yield StateResource(address, resource["type"], values, _sensitive(instance.get("sensitive_attributes")))


def _sensitive(paths: Any) -> frozenset[str]:
    """Return the names of attributes from paths such as `[[{"type": "get_attr", "value": "password"}]]`."""
    steps = (path[0] for path in paths if isinstance(path, list) and path) if isinstance(paths, list) else ()
    return frozenset(str(step.get("value")) for step in steps if isinstance(step, Mapping))
