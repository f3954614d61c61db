"""Terraform resources that define tasks, with their attributes converted to task definition fields.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_task_definition,
…/ecs_daemon_task_definition and …/ecs_express_gateway_service (the last two: provider 6.23 and later).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import InputError
from taskrole.finding import Finding
from taskrole.taskdef.fields import TASK_DEFINITION_SHAPE
from taskrole.taskdef.forms.conform import Conformer
from taskrole.taskdef.forms.daemon import daemon_data
from taskrole.taskdef.forms.express import EXPRESS_SERVICE, express_definition
from taskrole.taskdef.forms.form import SourceDefinition
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.shape import BROKEN

TASK_DEFINITION_TYPE = "aws_ecs_task_definition"
DAEMON = "aws_ecs_daemon_task_definition"
EXPRESS = "aws_ecs_express_gateway_service"
TASK_RESOURCE_TYPES = frozenset({TASK_DEFINITION_TYPE, DAEMON, EXPRESS})

CONTAINER_DEFINITIONS = "container_definitions"
_FIELD = "/containerDefinitions"
_OTHERS = {"configure_at_launch": "configuredatlaunch"}
# Attributes that are not the field name in snake case.
_SPELLED = {
    "configuredAtLaunch": "configure_at_launch",
    "containerDefinitions": "container_definition",
    "environmentFiles": "environment_file",
    "mountPoints": "mount_point",
    "secretOptions": "secret_option",
    "secrets": "secret",
    "volumes": "volume",
}


@dataclass(frozen=True)
class Resource:
    """A resource with its address, type and attributes; unknown values are placeholders."""

    address: str
    type: str
    attributes: Mapping[str, Any]
    is_sensitive: bool = False
    findings: tuple[Finding, ...] = ()


def found_in(resource: Resource) -> SourceDefinition:
    """Return the task definition of a resource; its pointers are `/container_definitions/0/image`."""
    task = _express(resource) if resource.type == EXPRESS else _definition(resource)
    notes = (_sensitive_note(),) if resource.is_sensitive else ()
    return SourceDefinition(
        resource.address,
        task.data,
        task.own_pointer,
        (*resource.findings, *task.findings, *notes),
        is_sensitive=resource.is_sensitive,
    )


def definition_fields(attributes: Mapping[str, Any]) -> tuple[dict[str, Any], Conformer]:
    """Return the fields of a task definition, without containers in JSON, and a map from fields back to attributes."""
    conformer = Conformer(lambda key: key.replace("_", "").lower(), _OTHERS, spell=_snake_case)
    fields = {key: value for key, value in attributes.items() if key != CONTAINER_DEFINITIONS}
    return conformer.conform(fields, TASK_DEFINITION_SHAPE, ""), conformer


def _definition(resource: Resource) -> SourceDefinition:
    data, conformer = definition_fields(resource.attributes)
    if isinstance(resource.attributes.get("arn"), str):
        data["taskDefinitionArn"] = resource.attributes["arn"]
    conformer.pointers["/taskDefinitionArn"] = "/arn"
    if resource.type == DAEMON:
        return SourceDefinition("", daemon_data(data), conformer.own_pointer)
    containers, findings = _containers(resource)

    def own_pointer(pointer: str) -> str:
        is_in_json = pointer == _FIELD or pointer.startswith(f"{_FIELD}/")
        return (
            f"/{CONTAINER_DEFINITIONS}{pointer.removeprefix(_FIELD)}" if is_in_json else conformer.own_pointer(pointer)
        )

    return SourceDefinition("", {**data, "containerDefinitions": containers}, own_pointer, findings)


def _containers(resource: Resource) -> tuple[Any, tuple[Finding, ...]]:
    """Return the containers of a task definition, which are JSON text."""
    value = resource.attributes.get(CONTAINER_DEFINITIONS)
    if not isinstance(value, str):
        return value, ()
    try:
        return parse_json(value.encode("utf-8", "surrogatepass"), resource.address), ()
    except InputError as error:
        finding = Finding("TYPE", "error", f"/{CONTAINER_DEFINITIONS}", error.problems[0].message)
        return BROKEN, (finding,)


def _express(resource: Resource) -> SourceDefinition:
    conformer = Conformer(lambda key: key.replace("_", "").lower(), spell=_snake_case)
    return express_definition("", conformer.conform(resource.attributes, EXPRESS_SERVICE, ""), conformer.own_pointer)


def _snake_case(field: str) -> str:
    return _SPELLED.get(field) or re.sub(r"([A-Z])", r"_\1", field).lower()


def _sensitive_note() -> Finding:
    message = "is sensitive: the names of what the roles need are shown, and no other value"
    return Finding("SENSITIVE", "note", f"/{CONTAINER_DEFINITIONS}", message)
