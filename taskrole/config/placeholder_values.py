"""`values`, `values_files` and `images`: a role's override its stack's, which override the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from taskrole.config.model import RoleSettings
from taskrole.config.raw import RawStack, mapping_in, texts_in
from taskrole.config.task_definitions import project_folder
from taskrole.errors import InputError, Place, Problem
from taskrole.reading import is_file
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.values.sources import place_values, read_values
from taskrole.taskdef.values.styles import bare_name
from taskrole.taskdef.values.unused import unused_images, unused_values
from taskrole.taskdef.values.values import Values
from taskrole.yaml_reader import Keys, Tree


def role_values(stack: RawStack, role: RoleSettings | None = None) -> Values:
    """Return the values and images of a role or, without a role, of its stack and the defaults.

    Raises InputError with all problems of values files.
    """
    partition = stack.partition.id if stack.partition else None
    by_name = place_values(partition, stack.region, stack.account)
    images: dict[str, str] = {}
    for level in (stack.defaults, stack.data):
        by_name |= _from_files(texts_in(level, "values_files"), stack.folder)
        by_name |= _by_name(mapping_in(level, "values"))
        images |= _texts(mapping_in(level, "images"))
    if role:
        by_name |= _from_files(role.values_files, stack.folder)
        by_name |= _by_name(role.values)
        images |= role.images
    return Values(by_name, images)


def unused_in_role(documents: Sequence[TaskDocument], role: RoleSettings, tree: Tree, keys: Keys) -> list[Problem]:
    """Return a problem for each value and image of a role that its task definitions do not use.

    Values of its stack, of the defaults and of files are not checked, since other roles may use them.
    """
    values = {bare_name(name): tree.place((*keys, "values", name)) for name in role.values}
    images = {name: tree.place((*keys, "images", name)) for name in role.images}
    plain = [name for name in values if "#/" not in name]
    return [*unused_values(plain, documents, values), *unused_images(images, documents, images)]


def _from_files(names: Iterable[str], folder: Path) -> Mapping[str, str]:
    """Return the values of files, by name. Raises InputError, including for a file outside the project."""
    files = [str(folder / name) for name in names]
    if not files:
        return {}
    root = project_folder(folder.resolve())
    problems = []
    for file in files:
        if not Path(file).resolve().is_relative_to(root):
            problems.append(Problem(Place(file), "is outside the project; copy the values file into it"))
        elif not is_file(file):
            problems.append(Problem(Place(file), "no such file; check values_files in roles.yaml"))
    if problems:
        raise InputError(problems)
    return read_values(files).by_name


def _by_name(level: Mapping[str, Any]) -> dict[str, str]:
    return {bare_name(name): value for name, value in _texts(level).items()}


def _texts(level: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in level.items() if isinstance(value, str)}
