"""Reads task definitions from files, folders, patterns and standard input, in any form."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from taskrole.collector import collector_paused
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.file_patterns import matching_files, pattern_root
from taskrole.reading import (
    STANDARD_INPUT,
    RealPaths,
    exists,
    is_file,
    is_folder,
    read_found,
    read_named,
    read_standard_input,
)
from taskrole.system import with_slashes
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.forms.form import Source
from taskrole.taskdef.forms.normal import task_document_of
from taskrole.taskdef.forms.parse import parse_content
from taskrole.taskdef.forms.registry import OtherContentError, read_source
from taskrole.taskdef.forms.syntaxes.registry import largest
from taskrole.taskdef.values.values import Values
from taskrole.two_processes import in_groups

# The files that are read in a folder.
ENDINGS = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Reading:
    """The task definitions of files, and the files in folders and patterns with other content."""

    documents: tuple[TaskDocument, ...]
    skipped: tuple[Problem, ...] = ()


class TaskFile(NamedTuple):
    """A file to read: its path, empty for standard input, and the folder that was searched; None if it was named.

    `real` are the resolved paths of both, for a file that was found.
    """

    path: str
    folder: Path | None
    real: RealPaths | None = None


def read_documents(paths: Sequence[str], root: Path | None = None, values: Values | None = None) -> list[TaskDocument]:
    """Return the task definitions of files, as `read_files` does."""
    return list(read_files(paths, root, values).documents)


@collector_paused()
def read_files(paths: Sequence[str], root: Path | None = None, values: Values | None = None) -> Reading:
    """Return the task definitions of files, folders (each *.json, *.yaml and *.yml in it), glob patterns and `-`.

    A file named twice is read once. With `root`, the files are named in a manifest and must be regular files within
    this folder or the project, as files in folders and patterns must. Placeholders are filled with `values`, or with
    their own default values. Files without a task definition are skipped in folders and patterns, unless nothing is
    left. Raises InputError with all problems of all files; problems within a task definition are in its `findings`.
    """
    files, problems = list_files(paths)
    reading, errors, others = _read_each(files, root, values or Values())
    problems += errors
    if not reading.documents and not problems and not others:
        nothing = Problem(
            Place("task definitions"), "none given; name files, folders, patterns or - for standard input"
        )
        problems = list(reading.skipped) or [nothing]
    if problems or others:
        raise (InputError if problems else OtherContentError)([*problems, *others])
    return reading


def list_files(paths: Sequence[str]) -> tuple[list[TaskFile], list[Problem]]:
    """Return the files of paths as `read_files` reads them, each once, and the problems of the paths."""
    problems: list[Problem] = []
    return list(_files(paths, problems)), problems


def read_some(files: Sequence[TaskFile], values: Values) -> Reading:
    """Return the task definitions of some of the files, possibly none. Raises InputError with all problems."""
    reading, errors, others = _read_each(files, None, values)
    if errors or others:
        raise InputError([*errors, *others])
    return reading


class _Part(NamedTuple):
    """The content of some files: their task definitions, the skipped files, and the problems of the others."""

    documents: list[TaskDocument]
    skipped: list[Problem]
    problems: list[Problem]
    others: list[Problem]  # of named files that contain something else


def _read_each(
    files: Sequence[TaskFile], root: Path | None, values: Values
) -> tuple[Reading, list[Problem], list[Problem]]:
    """Return what files contain, the problems of reading them, and those of named files with other content."""

    def read(some: Sequence[TaskFile]) -> _Part:
        part = _Part([], [], [], [])
        for path, folder, real in some:
            name = path or STANDARD_INPUT
            try:
                content = _content(path, root if folder is None else folder, real)
                part.documents.extend(_documents(Source(name, parse_content(content, name), content), values))
            except OtherContentError as error:
                (part.others if folder is None else part.skipped).extend(error.problems)
            except InputError as error:
                part.problems.extend(error.problems)
        return part

    # What a process has read of a pipe is lost if it ends.
    are_regular = all(is_file(file.path) for file in files if file.folder is None)
    whole = _Part([], [], [], [])
    for part in in_groups(files, read, "reading task definitions") if are_regular else [read(files)]:
        whole.documents.extend(part.documents)
        whole.skipped.extend(part.skipped)
        whole.problems.extend(part.problems)
        whole.others.extend(part.others)
    return Reading(tuple(whole.documents), tuple(whole.skipped)), whole.problems, whole.others


def parse_documents(data: Any, file: str, values: Values | None = None) -> list[TaskDocument]:
    """Return the task definitions in parsed data of any form. Raises InputError."""
    return _documents(Source(file, data), values)


def parse_document(data: Any, file: str, values: Values | None = None) -> TaskDocument:
    """Return the only task definition in parsed data of any form.

    Its placeholders are filled with `values`; without values, not even with their defaults, as for ECS. Raises
    InputError; problems within the task definition are in its `findings`.
    """
    documents = parse_documents(data, file, values)
    if len(documents) != 1:
        raise InputError([Problem(Place(file), f"must contain one task definition; got {len(documents)}")])
    return documents[0]


def _documents(source: Source, values: Values | None) -> list[TaskDocument]:
    return [task_document_of(definition, source.file, values) for definition in read_source(source, values or Values())]


def _files(paths: Sequence[str], problems: list[Problem]) -> Iterator[TaskFile]:
    """Yield each file once."""
    seen: set[str] = set()
    real_folders: dict[str, str] = {}
    for given in paths:
        files, folder = _expand(given, problems)
        around = None if folder is None else os.path.realpath(folder)
        for path in files:
            identity = _real_path(path, real_folders) if path else ""
            if identity not in seen:
                seen.add(identity)
                yield TaskFile(path, folder, None if around is None else RealPaths(identity, around))


def _real_path(path: str, real_folders: dict[str, str]) -> str:
    """Return a path with all links resolved; `real_folders` has those of folders, of which many files need few."""
    folder, name = os.path.split(path)
    if not name or name in (os.curdir, os.pardir) or os.path.islink(path):  # noqa: PTH114 -- thousands of files
        return os.path.realpath(path)
    if folder not in real_folders:
        real_folders[folder] = os.path.realpath(folder)
    return os.path.join(real_folders[folder], name)  # noqa: PTH118 -- thousands of files


def _expand(given: str, problems: list[Problem]) -> tuple[list[str], Path | None]:
    """Return the files of a path, and the folder that was searched; empty text is standard input."""
    if given == "-":
        return [""], None
    if "\0" in given:
        problems.append(Problem(Place(given), "is not a path: it has a null character"))
        return [], None
    if is_folder(given):
        files = _files_in(given)
        folder, problem = Path(given), "is a folder without *.json, *.yaml and *.yml files"
    elif glob.has_magic(given) and not exists(given):
        files, folder, problem = matching_files(given), pattern_root(given), "matches no file"
    else:
        return [with_slashes(given)], None
    if not files:
        problems.append(Problem(Place(given), problem))
    return files, folder


def _files_in(folder: str) -> list[str]:
    """Return the files in a folder that are read, sorted, or an empty list if it cannot be listed."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 -- thousands of files
    except PermissionError:
        return []
    # A dot at the beginning makes a file hidden, and begins no ending.
    begin = (Path(folder) / "x").as_posix().removesuffix("x")
    return sorted(f"{begin}{name}" for name in names if name.endswith(ENDINGS) and name.rfind("."))


def _content(path: str, folder: Path | None, real: RealPaths | None) -> bytes:
    if not path:
        return read_standard_input(largest=largest)
    if folder is not None:
        return read_found(path, folder, largest=largest, real=real)
    return read_named(path, largest=largest, missing="no such file or folder")
