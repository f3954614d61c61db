"""The form: input of `register-task-definition`, or output of `describe-task-definition`, which wraps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.taskdef.forms.form import Form, Source, SourceDefinition, is_object_with
from taskrole.taskdef.values.values import Values


def _is_described(data: Any) -> bool:
    return is_object_with(data, "taskDefinition") and isinstance(data["taskDefinition"], Mapping)


def _recognizes(data: Any) -> bool:
    return is_object_with(data["taskDefinition"] if _is_described(data) else data, "containerDefinitions")


def _read(source: Source, _: Values) -> Iterator[SourceDefinition]:
    yield SourceDefinition("", source.data["taskDefinition"] if _is_described(source.data) else source.data)


FORMS = (Form("a task definition", _recognizes, _read),)
