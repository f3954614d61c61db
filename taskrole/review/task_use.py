"""The task definitions that use a role, to report permissions that none of them needs.

A plan shows what an execution role needs. It does not show what the application calls with its task role.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.plan.model import Plan
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.roles import PlannedRole

_TASKS = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True)
class TaskUse:
    """The kinds of role that task definitions use a role as; `unknown` is why some of their needs are unknown."""

    kinds: tuple[RoleKind, ...] = ()
    unknown: str = ""


def task_uses(roles: Iterable[PlannedRole], tasks: Sequence[PlannedTask], plan: Plan) -> dict[str, TaskUse]:
    """Return the use of roles by the task definitions of a plan, by the role's address."""
    users: dict[str, list[PlannedTask]] = {}
    for task in tasks:
        for address in set(task.roles.values()):
            users.setdefault(address, []).append(task)
    # Task definitions with unknown roles.
    open_ = next(_unknown_roles(tasks), "")
    return {role.address: _use(role, users.get(role.address, ()), open_, plan) for role in roles}


def _use(role: PlannedRole, users: Sequence[PlannedTask], open_: str, plan: Plan) -> TaskUse:
    kinds = {kind for task in users for kind, address in task.roles.items() if address == role.address}
    unknown = next(_unknown(users, plan), "") if users else ""
    return TaskUse(tuple(sorted(kinds)), unknown or (open_ if open_ and _serves_tasks(role) else ""))


def not_needed(kinds: Sequence[str], unknown: str, what: str) -> str:
    """Return a clause that no task needs `what`, or why that is unknown; empty if no task uses the role."""
    if unknown:
        return f"whether a task needs {what} is not known: {unknown}"
    if not kinds:
        return ""
    if "task" in kinds:
        return f"no task definition in this plan asks for {what}; what the application calls is in none"
    return f"no task in this plan needs {what}"


def _unknown(users: Iterable[PlannedTask], plan: Plan) -> Iterator[str]:
    for task in users:
        for unresolved in task.unresolved:
            yield f"{unresolved.address} {unresolved.attribute}: {unresolved.because}"
        for finding in task.findings:
            if finding.severity == "error":
                yield f"nothing can be derived from a part of {task.address}"
    if not plan.is_complete or plan.is_errored:
        yield "the plan is not whole"


def _unknown_roles(tasks: Iterable[PlannedTask]) -> Iterator[str]:
    """Yield why the roles of task definitions are unknown."""
    for task in tasks:
        for unresolved in task.unresolved:
            if unresolved.attribute.endswith("_role_arn"):
                yield f"{unresolved.address} {unresolved.attribute}: {unresolved.because}"


def _serves_tasks(role: PlannedRole) -> bool:
    """Return whether tasks can use a role: its trust policy names ECS or is unknown."""
    side = role.after
    if side is None or role.change is None:
        return role.change is None
    return side.trust is None or any(name in json.dumps(side.trust) for name in (_TASKS, '"*"'))
