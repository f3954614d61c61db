"""The task definitions of a plan under review. What reads them is loaded only where there are some.

It takes longer to load than a small review takes in all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskrole.plan.model import Plan
from taskrole.plan.planned_task import TASK_TYPES, PlannedTask
from taskrole.plan.roles import PlannedRole
from taskrole.plan.symbolic_arns import SymbolicArns


def tasks_of(
    plan: Plan, roles: Sequence[PlannedRole], symbolic_arns: SymbolicArns, kms_keys: Mapping[str, str]
) -> tuple[PlannedTask, ...]:
    """Return the task definitions that are there after a plan, with the keys of secrets as they are named.

    Raises InputError for values that name no key.
    """
    if kms_keys:
        from taskrole.plan.task_keys import refuse_wrong_keys

        refuse_wrong_keys(kms_keys)
    if all(change.type not in TASK_TYPES for change in plan.changes):
        return ()
    from taskrole.plan.task_definitions import planned_tasks

    return planned_tasks(plan, roles, symbolic_arns, kms_keys)


def notes_on_keys(kms_keys: Mapping[str, str], tasks: Sequence[PlannedTask]) -> tuple[str, ...]:
    """Return what a report says about the named keys: that they hold for all, or are used by nothing."""
    if not kms_keys:
        return ()
    from taskrole.plan import task_keys

    return tuple(task_keys.key_notes(kms_keys, tasks))
