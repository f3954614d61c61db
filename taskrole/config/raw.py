"""Stacks of an unvalidated roles.yaml: everything that can be read despite problems elsewhere in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.partitions import Partition, partition_of, partitions
from taskrole.yaml_reader import Keys, Tree

# The keys of a role that its grants are built from.
PERMISSION_KEYS = ("task_definitions", "families", "options", "grants", "deny")


@dataclass(frozen=True)
class RawStack:
    """An unvalidated stack: its location in the file, and its settings with defaults applied.

    `folder` is the folder of roles.yaml.
    """

    name: str
    keys: Keys
    data: Mapping[str, Any]
    defaults: Mapping[str, Any]
    region: str | None
    account: str | None
    partition: Partition | None
    folder: Path

    @cached_property
    def roles(self) -> Sequence[tuple[str, Keys, Mapping[str, Any]]]:
        """The name, location and settings of each role that is a mapping."""
        return [
            (name, (*self.keys, "roles", name), role)
            for name, role in mapping_in(self.data, "roles").items()
            if isinstance(role, dict)
        ]


def mapping_in(data: Any, key: str) -> Mapping[str, Any]:
    """Return the mapping at a key, or an empty one; in the data of a YAML file, mappings are dictionaries."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def list_in(data: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list at a key, or an empty one."""
    value = data.get(key)
    return value if isinstance(value, list) else []


def texts_in(data: Mapping[str, Any], key: str) -> list[str]:
    """Return the strings in the list at a key; the model reports other values."""
    return [item for item in list_in(data, key) if isinstance(item, str)]


def first_text(*candidates: Any) -> str | None:
    """Return the first non-empty string."""
    return next((candidate for candidate in candidates if isinstance(candidate, str) and candidate), None)


def read_stack(name: str, data: Any, tree: Tree) -> RawStack:
    """Return a stack, with `defaults` applied."""
    own = data if isinstance(data, Mapping) else {}
    defaults = mapping_in(tree.data, "defaults")
    region = first_text(own.get("region"), defaults.get("region"))
    # A number is accepted here; the model reports it.
    account = first_text(*(str(place["account"]) for place in (own, defaults) if place.get("account")))
    named = first_text(own.get("partition"), defaults.get("partition"))
    partition = partitions().get(named) if named else partition_of(region or "")
    return RawStack(name, ("stacks", name), own, defaults, region, account, partition, Path(tree.file).parent)
