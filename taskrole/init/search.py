"""The task definitions of a project, in every form that is read, among whatever else it holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from taskrole.config.task_definitions import project_folder
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.init.gitignore import walk_files
from taskrole.reading import is_folder, read_found
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.forms.containers import CONTAINERS
from taskrole.taskdef.forms.parse import parse_content
from taskrole.taskdef.forms.registry import OtherContentError, find_form
from taskrole.taskdef.forms.syntaxes.registry import largest
from taskrole.taskdef.read import ENDINGS, read_documents

MOST_FILES = 10_000
# Every form has an image or a list of containers, however the keys are spelled.
_MAY_HOLD_ONE = re.compile(rb"image|container_?definitions", re.IGNORECASE)
# What cannot be read is reported only where it was meant to be a task definition.
_IS_ABOUT_TASKS = re.compile(
    rb"container_?definitions|AWS::ECS::|aws_ecs_|task_?role_?arn|execution_?role_?arn|primary_?container",
    re.IGNORECASE,
)
# Many files have an image; these keys only a container definition has beside it.
_OF_CONTAINERS = frozenset({"essential", "logConfiguration", "mountPoints", "portMappings", "memoryReservation"})


@dataclass(frozen=True)
class Definition:
    """A task definition, and its file's path relative to the folder of roles.yaml, with slashes."""

    path: str
    document: TaskDocument


@dataclass(frozen=True)
class Search:
    """What was found, how many files were looked at, and what is wrong with files about tasks."""

    definitions: tuple[Definition, ...]
    files: int
    problems: tuple[Problem, ...]


def find_definitions(paths: Sequence[str], folder: Path) -> Search:
    """Return the task definitions in files and folders; `folder` is that of roles.yaml, which will name their files.

    Folders are searched for JSON and YAML without what .gitignore excludes. A file that is named must hold a task
    definition. Raises InputError for more than 10,000 files, and for paths that cannot be searched.
    """
    definitions: list[Definition] = []
    problems: list[Problem] = []
    root = project_folder(folder.resolve())
    files = list(islice(_files(paths), MOST_FILES + 1))
    if len(files) > MOST_FILES:
        message = f"must be at most {MOST_FILES:,} JSON and YAML files to look at; name the folders or files"
        raise InputError([Problem(Place(" ".join(paths)), message)])
    for path, searched in files:
        try:
            documents = read_documents([path]) if searched is None else _search(path, searched)
        except InputError as error:
            problems += error.problems
            continue
        if documents and not Path(path).resolve().is_relative_to(root):
            problems.append(Problem(Place(path), "is outside the project, so that roles.yaml cannot name it"))
            continue
        definitions += _definitions(documents, path, folder)
    return Search(tuple(definitions), len(files), tuple(problems))


def _files(paths: Iterable[str]) -> Iterator[tuple[str, Path | None]]:
    """Yield each file once, with the folder that was searched; None for a file that is named."""
    seen: set[str] = set()
    for given in paths:
        if is_folder(given):
            files = (path for path in walk_files(Path(given)) if path.suffix.lower() in ENDINGS)
            candidates: Iterable[tuple[str, Path | None]] = ((path.as_posix(), Path(given)) for path in files)
        else:
            candidates = [(given, None)]
        for path, searched in candidates:
            identity = os.path.realpath(path)
            if identity not in seen:
                seen.add(identity)
                yield path, searched


def _search(path: str, searched: Path) -> Sequence[TaskDocument]:
    """Return the task definitions in a file that was found, not given; none if it has other content."""
    try:
        content = read_found(path, searched, largest=largest)
    except InputError:
        return ()
    if not _MAY_HOLD_ONE.search(content):
        return ()
    try:
        if _has_only_an_image(parse_content(content, path)):
            return ()
        return read_documents([path], searched)
    except OtherContentError:
        return ()
    except InputError:
        if _IS_ABOUT_TASKS.search(content):
            raise
        return ()


def _has_only_an_image(data: Any) -> bool:
    """Return whether data are a container definition by nothing but an image, as many a settings file has one."""
    if find_form(data) is not CONTAINERS:
        return False
    containers = data if isinstance(data, list) else [data]
    return not any("name" in container and _OF_CONTAINERS & set(container) for container in containers)


def _definitions(documents: Iterable[TaskDocument], path: str, folder: Path) -> Iterator[Definition]:
    relative = Path(os.path.relpath(path, folder)).as_posix()
    for document in documents:
        yield Definition(relative, replace(document, file=f"{relative}{document.file.removeprefix(path)}"))
