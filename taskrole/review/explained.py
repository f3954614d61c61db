"""Which changes of a plan a review accounts for: those whose effect is in what it reports of roles and tasks."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.grant import RoleKind
from taskrole.plan.role_policies import POLICY
from taskrole.plan.task_definitions import PlannedTask
from taskrole.plan.used_documents import used_documents
from taskrole.review.rules import Subject

_ROLE_ATTRIBUTES: tuple[tuple[str, RoleKind], ...] = (("execution_role_arn", "execution"), ("task_role_arn", "task"))


def explained(subject: Subject) -> frozenset[str]:
    """Return the addresses of the resources that a review accounts for, policy documents included."""
    addresses = {address for judged in subject.roles for address in judged.role.addresses}
    before = {
        side.name: address
        for address, judged in subject.all_roles.items()
        if (side := judged.role.before) is not None and side.name
    }
    addresses |= {change.address for change in subject.plan.touched if change.type == POLICY and not change.is_data}
    addresses |= {task.address for task in subject.tasks if _keeps_its_roles(task, before)}
    users = [change for change in subject.plan.touched if change.address in addresses]
    return frozenset(addresses) | used_documents(subject.configuration, users)


def _keeps_its_roles(task: PlannedTask, before: Mapping[str, str]) -> bool:
    """Return whether a task definition names roles of the plan alone, and the same as before where it was there."""
    change = task.change
    for attribute, kind in _ROLE_ATTRIBUTES:
        is_named = bool((change.after or {}).get(attribute)) or change.is_unknown(attribute)
        if is_named and kind not in task.roles:
            return False
        if change.before is not None and attribute in change.changed:
            name = str(change.before.get(attribute) or "").rpartition("/")[2]
            if before.get(name) != task.roles.get(kind):
                return False
    return True
