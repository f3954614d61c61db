"""The task definitions of a plan under review; their reader is imported only if the plan has any.

Importing it takes longer than a small review.
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
    """Return the task definitions that exist after a plan, with these KMS keys for their secrets.

    Raises InputError for values that do not name a key.
    """
    if kms_keys:
        from taskrole.plan.task_keys import refuse_wrong_keys

        refuse_wrong_keys(kms_keys)
    if all(change.type not in TASK_TYPES for change in plan.changes):
        return ()
    from taskrole.plan.task_definitions import planned_tasks

    return planned_tasks(plan, roles, symbolic_arns, kms_keys)


def notes_on_keys(kms_keys: Mapping[str, str], tasks: Sequence[PlannedTask]) -> tuple[str, ...]:
    """Return the notes of a report on these KMS keys, if they apply to all secrets or to none."""
    if not kms_keys:
        return ()
    from taskrole.plan import task_keys

    return tuple(task_keys.key_notes(kms_keys, tasks))
