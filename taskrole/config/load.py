"""Loads roles.yaml into a Config, or raises an InputError with all problems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from taskrole.collector import collector_paused
from taskrole.config.checks import check_file
from taskrole.config.model import File
from taskrole.config.nulls import without_nulls
from taskrole.config.pydantic_messages import problems_of
from taskrole.config.raw import PERMISSION_KEYS, mapping_in
from taskrole.config.resolve import Config, Permissions, StackSpec, resolve
from taskrole.errors import InputError, Place, Problem
from taskrole.yaml_reader import read_file, read_yaml

__all__ = ["Config", "StackSpec", "load_config", "parse_config"]


def load_config(path: Path) -> Config:
    """Return the configuration in a roles.yaml.

    Raises InputError with every problem of the file, each with its line and column.
    """
    content = read_file(path)
    with collector_paused():
        return parse_config(content, str(path))


def parse_config(content: bytes, file: str) -> Config:
    """Return the configuration in the content of a roles.yaml; `file` is its name in messages. Raises InputError.

    Task definitions are read relative to the folder of `file`.
    """
    tree = read_yaml(content, file)
    if tree.data is None:
        raise InputError([Problem(Place(file), "is empty; must have the keys version and stacks")])
    if not isinstance(tree.data, dict):
        raise InputError([Problem(Place(file, 1, 1), "must be a mapping with the keys version and stacks")])
    problems = list(check_file(without_nulls(tree)))
    try:
        checked = File.model_validate(tree.data)
    except ValidationError as error:
        problems.extend(problems_of(error, tree))
    permissions: dict[tuple[str, str], Permissions] = {}
    if _needs_permissions(tree.data):
        # Imported late: it loads the readers of task definitions and the action database.
        from taskrole.config.permissions import collect_permissions

        permissions, more = collect_permissions(tree, Path(file).parent)
        problems.extend(more)
    if problems:
        raise InputError(problems)
    return resolve(checked, permissions)


def _needs_permissions(data: Any) -> bool:
    stacks = (mapping_in(stack, "roles") for stack in mapping_in(data, "stacks").values())
    keys = frozenset(PERMISSION_KEYS)
    return any(not keys.isdisjoint(mapping_in(roles, name)) for roles in stacks for name in roles)
