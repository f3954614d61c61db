"""Task definitions from files, folders, patterns and standard input; or all that is wrong with them at once.

Read as they come: what `register-task-definition` takes, what `describe-task-definition` returns (wrapped, with keys of
its own), or an array of either.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from taskrole.errors import InputError, Place, Problem, shown
from taskrole.file_patterns import matching_files, pattern_root
from taskrole.grant import Finding
from taskrole.reading import STANDARD_INPUT, exists, is_folder, read_found, read_named, read_standard_input
from taskrole.taskdef.collector import collector_paused
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.fields import TASK_DEFINITION
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.shape import BROKEN, fit
from taskrole.taskdef.values.document import fill_document, needed_values
from taskrole.taskdef.values.values import Filled, Values

_WAYS_OUT = {
    "ContainerDefinitions": "is written as CloudFormation spells it; deploy it and give what"
    " `aws ecs describe-task-definition` returns, or write its keys as ECS does (containerDefinitions)",
    "Resources": "is a CloudFormation template; deploy it and give what `aws ecs describe-task-definition` returns",
    "container_definitions": "is written as Terraform spells it; give its container_definitions as"
    ' {"containerDefinitions": …}, or review the plan (`terraform show -json`)',
    "taskDefinitionArns": "is a list of ARNs; give what `aws ecs describe-task-definition` returns for each",
}


@collector_paused()
def read_documents(paths: Sequence[str], root: Path | None = None, values: Values | None = None) -> list[TaskDocument]:
    """Return the task definitions of files, folders (each *.json in it), glob patterns and `-`, standard input.

    Their placeholders are filled with `values`, and by default with the default values that they have themselves.

    A file named twice is read once. With `root` a manifest names the files, which must be regular ones inside of this
    folder or of the project, as those found in folders and by patterns are. Raises InputError with every problem of
    every file; what is wrong inside a task definition is in its `findings` instead.
    """
    documents: list[TaskDocument] = []
    problems: list[Problem] = []
    values = values or Values()
    for path, folder in _files(paths, problems):
        file = path or STANDARD_INPUT
        try:
            content = _content(path, root if folder is None else folder)
            documents += parse_documents(parse_json(content, file), file, values)
        except InputError as error:
            problems += error.problems
    if not documents and not problems:
        problems.append(
            Problem(Place("task definitions"), "none given; name files, folders, patterns or - for standard input")
        )
    if problems:
        raise InputError(problems)
    return documents


def parse_documents(data: Any, file: str, values: Values | None = None) -> list[TaskDocument]:
    """Return the task definitions in parsed JSON: one, or an array of them. Raises InputError."""
    if not isinstance(data, list):
        return [parse_document(data, file, values)]
    if not data:
        raise InputError([Problem(Place(file), "holds an empty array, and so no task definition")])
    documents: list[TaskDocument] = []
    problems: list[Problem] = []
    for index, one in enumerate(data):
        try:
            documents.append(parse_document(one, f"{file}#/{index}", values))
        except InputError as error:  # noqa: PERF203 -- one wrong, the others still read
            problems += error.problems
    if problems:
        raise InputError(problems)
    return documents


def parse_document(data: Any, file: str, values: Values | None = None) -> TaskDocument:
    """Return one task definition of parsed JSON, plain or wrapped in `taskDefinition`.

    Its placeholders are filled with `values`; without, not even with their own defaults, as ECS would take it. Raises
    InputError when the data is no task definition at all; wrong parts of one become its `findings`.
    """
    if isinstance(data, Mapping) and isinstance(data.get("taskDefinition"), Mapping):
        data = data["taskDefinition"]
    problem = _problem(data)
    if problem:
        raise InputError([Problem(Place(file), problem)])
    filled = fill_document(data, values, file=file) if values else Filled(data, frozenset())
    findings: list[Finding] = []
    fitted = fit(filled.data, TASK_DEFINITION, "", findings)
    family = fitted.get("family")
    named = (Finding(one.code, one.severity, one.source, one.message, file) for one in findings)
    return TaskDocument(
        file,
        "" if family is BROKEN or family is None else family,
        fitted,
        tuple(named),
        filled.used,
        needed_values(filled.unfilled, fitted),
    )


def _problem(data: Any) -> str | None:
    if not isinstance(data, Mapping):
        kind = {list: "an array", str: "text", type(None): "null"}.get(type(data), "a plain value")
        return f"must hold a task definition, an object with containerDefinitions; got {kind}"
    if "containerDefinitions" in data:
        return None
    for key, way_out in _WAYS_OUT.items():
        if key in data:
            return way_out
    if "image" in data:
        return 'is a container definition; put it into a task definition: {"containerDefinitions": [ … ]}'
    some = ", ".join(shown(key) for key in list(data)[:3]) or "no keys"
    return f"must hold a task definition, an object with containerDefinitions; got one with {some}"


def _files(paths: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, Path | None]]:
    """Yield each file once, with the folder in which it was found; None for one that was named."""
    seen: set[str] = set()
    for given in paths:
        found, folder = _expand(given, problems)
        for path in found:
            identity = os.path.realpath(path) if path else ""
            if identity not in seen:
                seen.add(identity)
                yield path, folder


def _expand(given: str, problems: list[Problem]) -> tuple[list[str], Path | None]:
    """Return the files that a path stands for, and the folder that was searched; empty text is standard input."""
    if given == "-":
        return [""], None
    if "\0" in given:
        problems.append(Problem(Place(given), "is no path: it holds a null character"))
        return [], None
    if is_folder(given):
        found, folder = sorted(str(path) for path in Path(given).glob("*.json")), Path(given)
        problem = "is a folder without *.json files"
    elif glob.has_magic(given) and not exists(given):
        found, folder = matching_files(given), pattern_root(given)
        problem = "matches no file"
    else:
        return [given], None
    if not found:
        problems.append(Problem(Place(given), problem))
    return found, folder


def _content(path: str, folder: Path | None) -> bytes:
    if not path:
        return read_standard_input()
    return read_found(path, folder) if folder is not None else read_named(path, missing="no such file or folder")
