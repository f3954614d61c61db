"""What `register-task-definition` takes, and what `describe-task-definition` returns: wrapped, with keys of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.taskdef.forms.form import Form, Found, Source, is_object_with
from taskrole.taskdef.values.values import Values


def _is_described(data: Any) -> bool:
    return is_object_with(data, "taskDefinition") and isinstance(data["taskDefinition"], Mapping)


def _recognises(data: Any) -> bool:
    return is_object_with(data["taskDefinition"] if _is_described(data) else data, "containerDefinitions")


def _read(source: Source, _: Values) -> Iterator[Found]:
    yield Found("", source.data["taskDefinition"] if _is_described(source.data) else source.data)


FORMS = (Form("a task definition", _recognises, _read),)
