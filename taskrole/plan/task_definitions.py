"""The task definitions of a plan: which roles they use, and what they need of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from taskrole.arns import Context, role_arn
from taskrole.errors import InputError
from taskrole.grant import Finding, Grant, RoleKind
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.known_document import AFTER_APPLY
from taskrole.plan.mentions import mentions
from taskrole.plan.model import TASK_DEFINITION, Change, Plan, Unresolved
from taskrole.plan.role_finder import RoleFinder
from taskrole.plan.role_policies import value_of
from taskrole.plan.roles import PlannedRole
from taskrole.plan.symbolic_arns import StandIns
from taskrole.plan.templates import resolved_text
from taskrole.taskdef.derive import derive
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.read import parse_document

_ROLE_FIELDS: tuple[tuple[RoleKind, str], ...] = (("execution", "execution_role_arn"), ("task", "task_role_arn"))

# Terraform writes an object as a block, which is a list of one in a plan.
_BLOCKS = frozenset(
    {
        "authorization_config",
        "docker_volume_configuration",
        "efs_volume_configuration",
        "fsx_windows_file_server_volume_configuration",
        "s3files_volume_configuration",
        "ephemeral_storage",
        "proxy_configuration",
        "runtime_platform",
    }
)
# Everything else is spelled with capitals: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
_OTHER_NAMES = {"configure_at_launch": "configuredAtLaunch", "volume": "volumes"}
_TAKEN_OVER = (
    "family",
    "requires_compatibilities",
    "runtime_platform",
    "volume",
    "enable_fault_injection",
    "ephemeral_storage",
    "proxy_configuration",
)


@dataclass(frozen=True)
class PlannedTask:
    """A task definition after the plan: the addresses of its roles by kind, what it needs, and what is wrong with it.

    A role that is none of the plan is not among the `roles`. The resources of the grants may be stand-ins. `place` is
    None where it is not known, or not needed, since none of its roles is in the plan.
    """

    address: str
    change: Change
    roles: Mapping[RoleKind, str]
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    place: Context | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether what it needs is sensitive: one password in an environment makes all container definitions so."""
        return self.change.is_hidden("container_definitions") or self.change.is_hidden("volume")


def planned_tasks(
    plan: Plan,
    configuration: Configuration,
    roles: Iterable[PlannedRole],
    places: Places,
    stand_ins: StandIns,
) -> tuple[PlannedTask, ...]:
    """Return the task definitions that are there after a plan; one without a place is not looked into, and says so."""
    finder = RoleFinder(plan, configuration, roles)
    return tuple(
        _needs(_task(change, finder), configuration, places, stand_ins)
        for change in plan.changes
        if change.type == TASK_DEFINITION and not change.is_data and change.after is not None
    )


def _task(change: Change, finder: RoleFinder) -> PlannedTask:
    roles: dict[RoleKind, str] = {}
    unresolved: list[Unresolved] = []
    for kind, attribute in _ROLE_FIELDS:
        for mention in mentions(change, attribute, "after", finder.configuration):
            role = finder.role(change, mention, "after")
            if not isinstance(role, PlannedRole) and mention.value is not None:
                # A role that the plan destroys is named, too, or one that it only attaches policies to.
                role = finder.role_outside(mention) or finder.role(change, mention, "before")
            if isinstance(role, PlannedRole):
                roles[kind] = role.address
            elif mention.value is None:
                unresolved.append(Unresolved(change.address, attribute, role.reason))
    return PlannedTask(change.address, change, roles, unresolved=tuple(unresolved))


def _needs(task: PlannedTask, configuration: Configuration, places: Places, stand_ins: StandIns) -> PlannedTask:
    if not task.roles:
        return task
    place = places.of(task.change)
    if isinstance(place, str):
        return _unresolved(task, "container_definitions", f"what it needs is unknown: {place}")
    text = _containers(task.change, configuration)
    if text is None:
        return _unresolved(task, "container_definitions", AFTER_APPLY)
    try:
        containers = stand_ins.put(parse_json(text.encode("utf-8", "surrogatepass"), task.address))
        data = {**stand_ins.put(_fields(task.change)), **_role_arns(task, place), "containerDefinitions": containers}
        derived = derive([parse_document(data, task.address)], place)
    except InputError as error:
        why = "it is sensitive, and cannot be read" if task.is_hidden else error.problems[0].message
        return _unresolved(task, "container_definitions", why)
    return replace(task, grants=derived.grants, findings=derived.findings, place=place)


def _unresolved(task: PlannedTask, attribute: str, because: str) -> PlannedTask:
    return replace(task, unresolved=(*task.unresolved, Unresolved(task.address, attribute, because)))


def _containers(change: Change, configuration: Configuration) -> str | None:
    text = value_of(change, "after", "container_definitions")
    if isinstance(text, str):
        return text
    template = configuration.template(change, "container_definitions")
    return resolved_text(template, change.module, configuration, index=change.index) if template else None


def _role_arns(task: PlannedTask, place: Context) -> dict[str, str]:
    """Return that there are roles: what they are called does not matter for what they need."""
    fields: dict[RoleKind, str] = {"execution": "executionRoleArn", "task": "taskRoleArn"}
    return {fields[kind]: role_arn(place, "in-the-plan") for kind in task.roles}


def _fields(change: Change) -> dict[str, Any]:
    values = change.after or {}
    return dict(_pairs({key: values.get(key) for key in _TAKEN_OVER}))


def _pairs(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if key in _BLOCKS:
            value = value[0] if isinstance(value, list) and value else None  # noqa: PLW2901 -- a block is its object
        if value is not None:
            yield _OTHER_NAMES.get(key) or _camel(key), _converted(value)


def _converted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(_pairs(value))
    return [_converted(one) for one in value] if isinstance(value, list) else value


def _camel(key: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found.group(1).upper(), key)


def grant_source(grant: Grant, task: PlannedTask) -> str:
    """Return why a task definition needs a grant and where it says so, in one clause."""
    if task.is_hidden:
        return f"a sensitive field of {task.address}"
    return f"{grant.because} ({task.address}{grant.source})"
