"""The task definitions of a plan: the roles they use, and the permissions these need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from taskrole.arns import Context, role_arn
from taskrole.errors import InputError
from taskrole.grant import RoleKind
from taskrole.plan.known_document import AFTER_APPLY
from taskrole.plan.mentions import mentions
from taskrole.plan.model import TASK_DEFINITION, Change, Plan, Unresolved
from taskrole.plan.planned_task import TASK_TYPES, PlannedTask
from taskrole.plan.role_finder import RoleFinder
from taskrole.plan.roles import PlannedRole
from taskrole.plan.symbolic_arns import Learned, SymbolicArns
from taskrole.plan.task_forms.defined_tasks import known_containers, planned_resource
from taskrole.plan.task_forms.resources import definition_fields, found_in
from taskrole.plan.task_keys import keys_of_partition
from taskrole.taskdef.derive import derive
from taskrole.taskdef.evaluation_options import evaluation_options
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.options import Options
from taskrole.taskdef.read import parse_document
from taskrole.two_processes import in_groups

_ROLE_FIELDS: tuple[tuple[RoleKind, str], ...] = (("execution", "execution_role_arn"), ("task", "task_role_arn"))
_ROLE_NAMES: Mapping[RoleKind, str] = {"execution": "executionRoleArn", "task": "taskRoleArn"}


def planned_tasks(
    plan: Plan,
    roles: Iterable[PlannedRole],
    symbolic_arns: SymbolicArns,
    kms_keys: Mapping[str, str] = MappingProxyType({}),
) -> tuple[PlannedTask, ...]:
    """Return the task definitions that exist after a plan; one without a context is not evaluated and has a problem.

    `kms_keys` are the keys of secrets and parameters, as in the option of a derivation.
    """
    finder = RoleFinder(plan, symbolic_arns.configuration, roles)
    defined = [
        change
        for change in plan.changes
        if change.type in TASK_TYPES and not change.is_data and change.after is not None
    ]

    def tasks_of(changes: Sequence[Change]) -> tuple[list[PlannedTask], list[Learned]]:
        tasks = [_needs(_task(change, finder), symbolic_arns, kms_keys) for change in changes]
        return tasks, symbolic_arns.references.take_new()

    tasks: list[PlannedTask] = []
    for some, learned in in_groups(defined, tasks_of, "deriving task definitions", lambda: defined):
        tasks += some
        symbolic_arns.references.add(learned)
    return tuple(tasks)


def _task(change: Change, finder: RoleFinder) -> PlannedTask:
    roles: dict[RoleKind, str] = {}
    unresolved: list[Unresolved] = []
    for kind, attribute in _ROLE_FIELDS:
        for mention in mentions(change, attribute, "after", finder.configuration):
            role = finder.role(change, mention, "after")
            if not isinstance(role, PlannedRole) and mention.value is not None:
                # Roles that the plan destroys, or only attaches policies to, are included.
                role = finder.role_outside(mention) or finder.role(change, mention, "before")
            if isinstance(role, PlannedRole):
                roles[kind] = role.address
            elif mention.value is None:
                unresolved.append(Unresolved(change.address, attribute, role.reason))
    return PlannedTask(change.address, change, roles, unresolved=tuple(unresolved))


def _needs(task: PlannedTask, symbolic_arns: SymbolicArns, kms_keys: Mapping[str, str]) -> PlannedTask:
    if not task.roles:
        return task
    place = symbolic_arns.places.of(task.change)
    if isinstance(place, str):
        return _unresolved(task, "container_definitions", f"what it needs is unknown: {place}")
    try:
        data = _definition(task.change, symbolic_arns)
        if data is None:
            return _unresolved(task, "container_definitions", AFTER_APPLY)
        roles = dict.fromkeys(_ROLE_NAMES.values()) | _role_arns(task, place)
        options = evaluation_options(Options(kms_keys=keys_of_partition(kms_keys, place.partition)))
        derived = derive([parse_document({**data, **roles}, task.address)], place, options)
    except InputError as error:
        why = "it is sensitive, and cannot be read" if task.is_hidden else error.problems[0].message
        return _unresolved(task, "container_definitions", why)
    return replace(task, grants=derived.grants, findings=derived.findings, place=place, possible=derived.possible)


def _definition(change: Change, symbolic_arns: SymbolicArns) -> Mapping[str, Any] | None:
    """Return a task definition with symbolic ARNs; None if its containers are known only after the apply."""
    if change.type != TASK_DEFINITION:
        data = symbolic_arns.substitute(found_in(planned_resource(change, symbolic_arns.configuration)).data)
        return data if isinstance(data, Mapping) else None
    text = known_containers(change, symbolic_arns.configuration)
    if text is None:
        return None
    fields, _ = definition_fields(change.after or {})
    containers = parse_json(text.encode("utf-8", "surrogatepass"), change.address)
    return {**symbolic_arns.substitute(fields), "containerDefinitions": symbolic_arns.substitute(containers)}


def _unresolved(task: PlannedTask, attribute: str, because: str) -> PlannedTask:
    return replace(task, unresolved=(*task.unresolved, Unresolved(task.address, attribute, because)))


def _role_arns(task: PlannedTask, place: Context) -> dict[str, str]:
    """Return ARNs for the roles: derivation needs to know that they exist, not their names."""
    return {_ROLE_NAMES[kind]: role_arn(place, "in-the-plan") for kind in task.roles}
