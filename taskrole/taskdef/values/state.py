"""Values from a Terraform state, by addresses in the syntax of ecspresso's `tfstate`.

    aws_ecr_repository.app.repository_url          a resource's attribute
    aws_subnet.web[0].id, aws_x.y['key'].arn       an attribute of one instance (count or for_each)
    data.aws_x.y.arn, module.app.aws_x.y.arn       an attribute of a data source; of a resource in a module
    output.secret_arn                              an output of the root module

A state contains secrets: attributes that are marked as sensitive or look like a secret are never returned.
Source: https://github.com/fujiwara/tfstate-lookup
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.reading import read_named
from taskrole.taskdef.confidential import looks_secret

LARGEST_STATE = 64 << 20  # bytes
_VERSION = 4

_STEP = re.compile(
    r"\.?(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<number>[0-9]{1,9})\]|\[(?P<quote>['\"])(?P<key>[^'\"]*)(?P=quote)\]"
)
_SECRET_NAME = re.compile(
    r"password|passwd|secret_(?:string|binary|key)|private_key|token|plaintext|credential", re.IGNORECASE
)

_Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class State:
    """The attributes of a state's resources by address, and its outputs, excluding sensitive ones."""

    resources: Mapping[_Steps, Mapping[str, Any]]
    outputs: Mapping[str, Any]

    def get(self, address: str) -> str | None:
        """Return the attribute or output at an address as a string, or None."""
        steps = _steps(address)
        if steps[:1] == ("output",):
            return _text(self.outputs, steps[1:])
        for length in range(len(steps) - 1, 1, -1):
            attributes = self.resources.get(steps[:length])
            if attributes is not None:
                return _text(attributes, steps[length:])
        return None


def read_state(path: Path) -> State:
    """Return the state in a file of version 4, as `terraform state pull` prints it. Raises InputError."""
    content = read_named(path, largest=LARGEST_STATE, missing="no such file; name another with --tfstate")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or data.get("version") != _VERSION or not isinstance(data.get("resources"), list):
        message = f"must be a Terraform state of version {_VERSION}, as `terraform state pull` prints it"
        raise InputError([Problem(Place(str(path)), message)])
    resources: dict[_Steps, Mapping[str, Any]] = {}
    for resource in data["resources"]:
        if isinstance(resource, dict):
            resources.update(_instances(resource))
    outputs = data.get("outputs")
    plain = {
        name: output.get("value")
        for name, output in (outputs.items() if isinstance(outputs, dict) else ())
        if isinstance(output, dict) and not output.get("sensitive")
    }
    return State(resources, plain)


def _instances(resource: Mapping[str, Any]) -> Iterator[tuple[_Steps, Mapping[str, Any]]]:
    kind, name, module = (resource.get(key) for key in ("type", "name", "module"))
    instances = resource.get("instances")
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(instances, list):
        return
    mode = ("data",) if resource.get("mode") == "data" else ()
    address: _Steps = (*(_steps(module) if isinstance(module, str) else ()), *mode, kind, name)
    for instance in instances:
        if isinstance(instance, dict) and isinstance(instance.get("attributes"), dict):
            index = instance.get("index_key")
            sensitive = set(map(str, _sensitive(instance)))
            attributes = {key: value for key, value in instance["attributes"].items() if key not in sensitive}
            yield (*address, *((index,) if isinstance(index, (str, int)) else ())), attributes


def _sensitive(instance: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the names of attributes that are sensitive, whole or in part."""
    paths = instance.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else ():
        first = path[0] if isinstance(path, list) and path else None
        if isinstance(first, dict):
            yield first.get("value")


def _steps(address: str) -> _Steps:
    """Return the steps of an address; none if it is invalid."""
    steps: list[str | int] = []
    position = 0
    while position < len(address):
        match = _STEP.match(address, position)
        if match is None:
            return ()
        steps.append(int(match["number"]) if match["number"] else match["name"] or match["key"] or "")
        position = match.end()
    return tuple(steps)


def _text(value: Any, steps: _Steps) -> str | None:
    for step in steps:
        if isinstance(step, str) and _SECRET_NAME.search(step):
            return None
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    text = str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, (str, int)) else None
    return None if text is None or looks_secret(text) else text
