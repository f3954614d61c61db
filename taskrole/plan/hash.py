"""The hash of a plan: the sha256 of everything that determines what applying it does.

It covers every resource that is created, updated, destroyed, forgotten, moved or imported, and every data source that
is read during the apply, with their known values; the provider configurations and provisioners of these resources; and,
for unknown values, the configuration that determines them (see decisive_configuration).

It does not cover what has no effect on the apply: unchanged resources, drift, timestamps, Terraform versions, the order
of keys and of resources, and variables that nothing of the above refers to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.canonical_json import canonical_json
from taskrole.dataclass import dataclass
from taskrole.plan.configuration_index import ConfigurationIndex
from taskrole.plan.decisive_configuration import ConfiguredResource, DecisiveConfiguration
from taskrole.plan.model import Change, has_true

# The resource, and which of its objects.
_IDENTITY = ("address", "deposed", "mode", "type", "provider_name")
# The values before the change, which an update or deletion is applied to.
_OBJECT = ("id", "arn")
_READ = frozenset({"read"})
_NO_OP = frozenset({"no-op"})


@dataclass(frozen=True)
class _Applied:
    digest: bytes
    resource: ConfiguredResource


class PlanHash:
    """Collects the changes of a plan while they are read, and returns the hash of the plan."""

    def __init__(self) -> None:
        self._applied: list[_Applied] = []

    def take(self, change: Mapping[str, Any]) -> None:
        """Add an entry of `resource_changes`, as Terraform writes it."""
        if _is_applied(change):
            self._applied.append(_Applied(_digest(change), _configured(change)))

    def hexdigest(
        self,
        configuration: Mapping[str, Any],
        variables: Mapping[str, Any],
        changes: Iterable[Change],
        invocations: Any = None,
    ) -> str:
        """Return the sha256 in hexadecimal digits. `changes` are all resources of the plan, including unchanged ones.

        `invocations` are the actions that the apply runs (`action_invocations`, Terraform 1.14).
        """
        decisive = DecisiveConfiguration(ConfigurationIndex(configuration, variables, changes))
        for resource in {applied.resource for applied in self._applied}:
            decisive.add_resource(resource)
        digests = sorted(applied.digest for applied in self._applied)
        digests += sorted(_sha256(part) for part in decisive.parts())
        digests += sorted(_sha256(invocation) for invocation in (invocations if isinstance(invocations, list) else ()))
        return hashlib.sha256(b"".join(digests)).hexdigest()


def _is_applied(change: Mapping[str, Any]) -> bool:
    """Return whether the apply does anything to a resource; refreshing does not count."""
    actions = change["change"].get("actions")
    if change.get("mode") == "data":
        return not _NO_OP.issuperset(actions)
    return (
        _moved_from(change) is not None
        or bool(change["change"].get("importing"))
        or not (_NO_OP | _READ).issuperset(actions)
    )


def _moved_from(change: Mapping[str, Any]) -> Any:
    previous = change.get("previous_address")
    return None if previous == change.get("address") else previous


def _digest(value: Mapping[str, Any]) -> bytes:
    change = value["change"]
    before = change.get("before")
    before = before if isinstance(before, dict) else {}
    replaced = change.get("replace_paths")
    return _sha256(
        [
            [value.get(key) for key in _IDENTITY],
            _moved_from(value),
            change.get("actions"),
            [before.get(key) for key in _OBJECT],
            _without_nulls(change.get("after")),
            sorted(_unknown_paths(change.get("after_unknown"))),
            change.get("importing"),
            sorted(map(canonical_json, replaced)) if isinstance(replaced, list) else [],
        ]
    )


def _without_nulls(values: Any) -> Any:
    """Return an object without null attributes, which some provider versions write and others omit."""
    return {key: item for key, item in values.items() if item is not None} if isinstance(values, dict) else values


def _unknown_paths(mask: Any) -> list[str]:
    """Return the paths of all unknown values, which Terraform versions represent differently."""
    paths: list[str] = []
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), mask)]
    while waiting:
        path, value = waiting.pop()
        if value is True:
            paths.append(canonical_json(path))
        elif isinstance(value, dict):
            waiting += [((*path, key), part) for key, part in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, index), part) for index, part in enumerate(value)]
    return paths


def _configured(value: Mapping[str, Any]) -> ConfiguredResource:
    change = value["change"]
    mask = change.get("after_unknown")
    attributes = (
        frozenset(key for key, part in mask.items() if has_true(part)) if isinstance(mask, dict) else frozenset()
    )
    return ConfiguredResource(
        str(value.get("module_address", "")),
        value.get("mode") == "data",
        str(value.get("type", "")),
        str(value.get("name", "")),
        str(value.get("provider_name", "")),
        attributes,
        frozenset(_blocks(mask, change.get("after"), attributes)),
        is_everything_unknown=mask is True,
        runs_provisioners=not (_NO_OP | _READ).issuperset(change.get("actions")),
    )


def _blocks(mask: Any, after: Any, attributes: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the partly unknown attributes that are lists of blocks, each with its number of blocks."""
    for key in attributes:
        value = after.get(key) if isinstance(after, dict) else None
        if (
            isinstance(value, list)
            and isinstance(mask[key], list)
            and any(isinstance(item, dict) for item in mask[key])
        ):
            yield key, len(value)


def _sha256(value: Any) -> bytes:
    return hashlib.sha256(canonical_json(value).encode()).digest()
