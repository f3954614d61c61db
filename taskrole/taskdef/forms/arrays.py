"""An array of task definitions, each in any form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from taskrole.errors import InputError, Problem
from taskrole.taskdef.forms.form import Form, Found, Source
from taskrole.taskdef.values.values import Values


def _recognises(data: Any) -> bool:
    return isinstance(data, list) and bool(data)


def _read(source: Source, values: Values) -> Iterator[Found]:
    from taskrole.taskdef.forms.registry import read_source

    found: list[Found] = []
    problems: list[Problem] = []
    for index, item in enumerate(source.data):
        try:
            inner = read_source(Source(f"{source.file}#/{index}", item), values)
            found += [replace(one, name=f"/{index}{'#' if one.name else ''}{one.name}") for one in inner]
        except InputError as error:  # noqa: PERF203 -- one wrong, the others still read
            problems += error.problems
    if problems:
        raise InputError(problems)
    yield from found


FORMS = (Form("an array of task definitions", _recognises, _read),)
