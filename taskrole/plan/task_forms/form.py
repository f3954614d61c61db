"""The forms: `terraform show -json` of a plan or state, and state files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from taskrole.taskdef.forms.form import Form, Source, SourceDefinition, is_object_with
from taskrole.taskdef.rule import FieldRule
from taskrole.taskdef.values.values import Values

_SENSITIVE = frozenset({"container_definitions", "container_definition", "primary_container", "volume"})
_EMPTY = "without an aws_ecs_task_definition, aws_ecs_daemon_task_definition or aws_ecs_express_gateway_service"


def _is_plan(data: Any) -> bool:
    keys = ("resource_changes", "planned_values", "configuration")
    return is_object_with(data, "format_version") and any(key in data for key in keys)


def _is_shown_state(data: Any) -> bool:
    return is_object_with(data, "format_version") and not _is_plan(data)


def _is_state_file(data: Any) -> bool:
    return is_object_with(data, "version", "terraform_version", "resources")


# The readers of plans and states are large modules, imported only when needed.


def _read_plan(source: Source, values: Values) -> Iterator[SourceDefinition]:
    from taskrole.plan.reader import read_plan
    from taskrole.plan.task_forms.defined_tasks import defined_tasks
    from taskrole.plan.task_forms.resources import found_in

    plan = read_plan(source.stream(), source.file)
    for resource in defined_tasks(plan, values):
        yield found_in(resource)


def _read_shown_state(source: Source, _: Values) -> Iterator[SourceDefinition]:
    from taskrole.plan.task_forms.state import read_shown_state

    yield from _found_in_state(source, read_shown_state)


def _read_state_file(source: Source, _: Values) -> Iterator[SourceDefinition]:
    from taskrole.plan.task_forms.state import read_state_file

    yield from _found_in_state(source, read_state_file)


def _found_in_state(
    source: Source, read: Callable[[BinaryIO, str, frozenset[str]], Iterator[Any]]
) -> Iterator[SourceDefinition]:
    from taskrole.plan.task_forms.resources import TASK_RESOURCE_TYPES, Resource, found_in

    for resource in read(source.stream(), source.file, TASK_RESOURCE_TYPES):
        yield found_in(
            Resource(resource.address, resource.type, resource.values, bool(resource.sensitive & _SENSITIVE))
        )


PLAN = Form("a Terraform plan", _is_plan, _read_plan, f"is a Terraform plan {_EMPTY}")
SHOWN_STATE = Form("a Terraform state", _is_shown_state, _read_shown_state, f"is a Terraform state {_EMPTY}")
STATE_FILE = Form("a Terraform state file", _is_state_file, _read_state_file, f"is a Terraform state file {_EMPTY}")

RULES = (
    FieldRule(
        "SENSITIVE",
        "note",
        "Of values that Terraform marks as sensitive, only the names that policies need are shown",
        "container_definitions",
        "https://developer.hashicorp.com/terraform/internals/json-format",
    ),
)

FORMS = (PLAN, SHOWN_STATE, STATE_FILE)
