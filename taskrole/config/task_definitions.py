"""`task_definitions` of a role: resolves paths and patterns to documents inside the project."""

from __future__ import annotations

import glob
import os
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from taskrole.errors import InputError, Problem, quote
from taskrole.file_patterns import matching_files
from taskrole.reading import exists, is_file, is_folder
from taskrole.taskdef import TaskDocument, read_documents
from taskrole.taskdef.forms.registry import OtherContentError
from taskrole.taskdef.read import ENDINGS
from taskrole.taskdef.values.values import Values

# A checkout of the project contains only what is inside this folder.
_MARKERS = (".git", "cdktf.json")
_MOST_FILES = 1_000


def project_folder(folder: Path) -> Path:
    """Return the nearest folder with .git or cdktf.json, of a folder and its parents; else the folder itself."""
    for candidate in (folder, *folder.parents):
        if any(exists(candidate / marker) for marker in _MARKERS):
            return candidate
    return folder


def find_files(patterns: Sequence[str], folder: Path) -> Iterator[str | tuple[int, str]]:
    """Yield the unique files of paths and patterns, relative to the folder; or a pattern's index and its problem."""
    root = project_folder(folder.resolve())
    seen: set[str] = set()
    for index, pattern in enumerate(patterns):
        paths = _matches(pattern, folder)
        if not paths:
            yield index, _missing(pattern)
        for path in paths:
            if not (folder / path).resolve().is_relative_to(root):
                yield index, f"must be inside of the project; got {quote(path)}; copy it there"
            elif (identity := os.path.realpath(folder / path)) not in seen:
                seen.add(identity)
                yield path
    if len(seen) > _MOST_FILES:
        yield 0, f"must be at most {_MOST_FILES} files for one role; got {len(seen)}"


def read_task_definitions(
    files: Sequence[str], folder: Path, values: Values | None = None, *, named: Sequence[str] = ()
) -> tuple[list[TaskDocument], list[Problem], list[Problem]]:
    """Return the documents, named by their paths relative to the folder; problems; and skipped files.

    A file in a folder or pattern is skipped if it has no task definitions; for a file in `named` that is a problem.
    `values` replace placeholders; the file in a name `file#/pointer` is relative to the folder.
    """
    documents: list[TaskDocument] = []
    problems: list[Problem] = []
    skipped: list[Problem] = []
    root = project_folder(folder.resolve())
    values = values or Values()
    names = {str(folder / name) if "#/" in name else name: value for name, value in values.by_name.items()}
    for file in files:
        path = str(folder / file)
        try:
            read = read_documents([path], root, replace(values, by_name=names))
        except OtherContentError as error:
            (problems if file in named else skipped).extend(error.problems)
            continue
        except InputError as error:
            problems += error.problems
            continue
        documents += [replace(document, file=file + document.file.removeprefix(path)) for document in read]
    return (documents, problems, skipped) if documents or problems else ([], skipped, [])


def _matches(pattern: str, folder: Path) -> list[str]:
    if is_file(folder / pattern):
        return [pattern]
    if is_folder(folder / pattern):
        inside = posixpath.join(glob.escape(pattern), "*")
        paths = [path for path in matching_files(inside, folder) if path.endswith(ENDINGS)]
    elif glob.has_magic(pattern):
        paths = matching_files(pattern, folder)
    else:
        return []
    return [path for path in paths if is_file(folder / path)]


def _missing(pattern: str) -> str:
    kind = (
        "matches no file" if glob.has_magic(pattern) else "no such file, or a folder without *.json, *.yaml and *.yml"
    )
    return f"{kind}; got {quote(pattern)}, which is relative to the folder of this file"
