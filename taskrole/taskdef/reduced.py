"""Reduces a task definition to the fields that derivation reads; the result derives to the same grants.

Commands, health checks, labels, values of environment variables and options of log drivers may contain passwords and
tokens. The reduction uses the same shape as reading (fields.py), so that it keeps no field that no feature reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskrole.taskdef.fields import (
    LOG_OPTIONS,
    PRESENT_LOG_OPTIONS,
    TASK_DEFINITION_SHAPE,
    is_value_read,
    is_variable_read,
)
from taskrole.taskdef.shape import Hint, ListOf, MapOf, Record, Scalar, Shape, Tolerant

PRESENT = "set"  # replaces a value of which only the presence is read


def reduced(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task definition, as describe-task-definition returns it, with only the fields that are read.

    A value of the wrong type is replaced by an empty value of its type, so that the same error is reported.
    """
    fields: dict[str, Any] = _reduce(data, TASK_DEFINITION_SHAPE)
    containers = fields.get("containerDefinitions")
    for container in containers if isinstance(containers, list) else ():
        if isinstance(container, dict):
            _reduce_environment(container)
            _reduce_log_options(container.get("logConfiguration"))
    return fields


def _reduce(value: Any, shape: Shape) -> Any:
    if isinstance(shape, Hint):
        return bool(value)
    if isinstance(shape, Tolerant):
        shape = shape.shape
    if value is None or isinstance(shape, Scalar):
        return _reduce_scalar(value, shape)
    if isinstance(shape, ListOf):
        return [_reduce(item, shape.item) for item in value] if isinstance(value, (list, tuple)) else _kind(value)
    if not isinstance(value, Mapping):
        return _kind(value)
    if isinstance(shape, MapOf):
        return {key: _reduce(item, shape.value) for key, item in value.items() if shape.is_read(key)}
    return {key: inner for key, item in value.items() if (inner := _reduce_member(key, item, shape)) is not _LEFT_OUT}


def _reduce_scalar(value: Any, shape: Shape) -> Any:
    is_kept = value is None or isinstance(value, bool) or (isinstance(value, str) and shape is not Scalar.FLAG)
    return value if is_kept else _kind(value)


_LEFT_OUT = object()


def _reduce_member(key: object, value: Any, record: Record) -> Any:
    if key in record.fields:
        return _reduce(value, record.fields[str(key)])
    # A field in another case is an error of the document, which must be kept.
    return None if str(key).lower() in record.by_lower_case else _LEFT_OUT


def _kind(value: Any) -> Any:
    """Return an empty value of the same kind."""
    return next((kind() for kind in (bool, str, int, float, list, dict) if isinstance(value, kind)), "")


def _reduce_environment(container: dict[str, Any]) -> None:
    variables = container.get("environment")
    if not isinstance(variables, list):
        return
    container["environment"] = [
        {**variable, "value": PRESENT}
        if "value" in variable and not is_value_read(str(variable.get("name")))
        else variable
        for variable in variables
        if isinstance(variable, dict) and is_variable_read(str(variable.get("name")))
    ]


def _reduce_log_options(log: Any) -> None:
    options = log.get("options") if isinstance(log, dict) else None
    if not isinstance(options, dict):
        return
    names = LOG_OPTIONS.get(str(log.get("logDriver")), ())
    log["options"] = {
        key: PRESENT if value and key.lower() in PRESENT_LOG_OPTIONS else value
        for key, value in options.items()
        if key.lower() in names
    }
