"""An array of task definitions, each in any form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from taskrole.errors import InputError, Problem
from taskrole.taskdef.forms.form import Form, Source, SourceDefinition
from taskrole.taskdef.values.values import Values


def _recognizes(data: Any) -> bool:
    return isinstance(data, list) and bool(data)


def _read(source: Source, values: Values) -> Iterator[SourceDefinition]:
    from taskrole.taskdef.forms.registry import read_source

    definitions: list[SourceDefinition] = []
    problems: list[Problem] = []
    for index, item in enumerate(source.data):
        try:
            inner = read_source(Source(f"{source.file}#/{index}", item), values)
            definitions += [
                replace(definition, name=f"/{index}{'#' if definition.name else ''}{definition.name}")
                for definition in inner
            ]
        except InputError as error:  # noqa: PERF203 -- one wrong, the others still read
            problems += error.problems
    if problems:
        raise InputError(problems)
    yield from definitions


FORMS = (Form("an array of task definitions", _recognizes, _read),)
