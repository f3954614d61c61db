"""The form: daemon task definitions as `describe-daemon-task-definition` returns them.

The input of `register-daemon-task-definition` has the keys of a task definition, and is read as one.
Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DaemonTaskDefinition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.taskdef.forms.form import Form, Pointers, Source, SourceDefinition, is_object_with
from taskrole.taskdef.values.values import Values

_WRAPPED = "daemonTaskDefinition"
_ARN = "daemonTaskDefinitionArn"


def daemon_data(definition: Any) -> Any:
    """Return a daemon task definition as a task definition: daemons run on Managed Instances only."""
    if not isinstance(definition, Mapping):
        return definition
    arn = {"taskDefinitionArn": definition[_ARN]} if _ARN in definition else {}
    return {**definition, **arn, "requiresCompatibilities": ["MANAGED_INSTANCES"]}


def _definition(data: Any) -> Any:
    return data[_WRAPPED] if is_object_with(data, _WRAPPED) and isinstance(data[_WRAPPED], Mapping) else data


def _recognizes(data: Any) -> bool:
    return is_object_with(_definition(data), _ARN, "containerDefinitions") or (
        is_object_with(data, _WRAPPED) and is_object_with(_definition(data), "containerDefinitions")
    )


def _read(source: Source, _: Values) -> Iterator[SourceDefinition]:
    yield SourceDefinition("", daemon_data(_definition(source.data)), Pointers({"/taskDefinitionArn": f"/{_ARN}"}))


FORMS = (Form("a daemon task definition", _recognizes, _read),)
