"""The assessment of one role in a review: its permissions before and after, and whether its tasks' needs are met.

Each role is assessed completely before the next one, so its documents are read once and not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.plan.model import Unresolved
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.roles import PlannedRole
from taskrole.plan.symbolic_arns import Learned, SymbolicArns
from taskrole.policy.evaluation.excess import Excess
from taskrole.review.causes import Cause
from taskrole.review.need_coverage import NeedCoverage, RoleJudges, cover_needs, possible_needs, unneeded
from taskrole.review.task_use import TaskUse
from taskrole.review.verdict import Judged, Need, causes_of, judge
from taskrole.two_processes import in_groups


@dataclass(frozen=True)
class Assessment:
    """What a review says about one role.

    `covered` are the needs of its tasks, `possible` what they may need and the role does not allow, `unneeded` what an
    execution role allows beyond the needs; all three are empty for a role that is not reported on.
    """

    judged: Judged
    covered: tuple[NeedCoverage, ...] = ()
    possible: tuple[Unresolved, ...] = ()
    unneeded: tuple[Excess, ...] = ()


# The task definitions that use a role, each with the kinds of role it uses the role as.
Users = Sequence[tuple[PlannedTask, frozenset[RoleKind]]]


@dataclass(frozen=True)
class AssessedRole:
    """A role and the input of its assessment: its use, its users, the needs of their tasks, and the declared causes."""

    role: PlannedRole
    use: TaskUse
    users: Users
    needs: Sequence[Need]
    declared: Sequence[Cause]
    is_reported: bool


def assess_roles(
    roles: Sequence[AssessedRole], symbolic_arns: SymbolicArns, place: Context | None
) -> dict[str, Assessment]:
    """Return the assessments of roles by address; `place` is the context of the whole plan, if it has one."""

    def assess(some: Sequence[AssessedRole]) -> tuple[list[Assessment], list[Learned]]:
        return [_assessment(role, symbolic_arns, place) for role in some], symbolic_arns.references.take_new()

    def shared() -> list[object]:
        planned = [assessed.role for assessed in roles]
        trusts = [state.trust for role in planned for state in (role.before, role.after) if state]
        return [*planned, *filter(None, trusts), *chain.from_iterable(assessed.needs for assessed in roles)]

    assessments: list[Assessment] = []
    for some, learned in in_groups(roles, assess, "comparing roles", shared):
        assessments += some
        symbolic_arns.references.add(learned)
    return {assessed.role.address: assessment for assessed, assessment in zip(roles, assessments, strict=True)}


def users_by_role(tasks: Iterable[PlannedTask]) -> dict[str, list[tuple[PlannedTask, frozenset[RoleKind]]]]:
    """Return the task definitions by the addresses of their roles, each with the kinds of role."""
    users: dict[str, list[tuple[PlannedTask, frozenset[RoleKind]]]] = {}
    for task in tasks:
        kinds: dict[str, set[RoleKind]] = {}
        for kind, address in task.roles.items():
            kinds.setdefault(address, set()).add(kind)
        for address, some in kinds.items():
            users.setdefault(address, []).append((task, frozenset(some)))
    return users


def _assessment(assessed: AssessedRole, symbolic_arns: SymbolicArns, place: Context | None) -> Assessment:
    role, needs = assessed.role, assessed.needs
    judged = judge(role, causes_of(needs, assessed.declared), symbolic_arns, assessed.use)
    if not assessed.is_reported or role.after is None or not assessed.users:
        return Assessment(judged)
    judges = RoleJudges(role, role.after, symbolic_arns)
    tasks = [task for task, _ in assessed.users]
    is_measured = _is_measured(assessed.users)
    return Assessment(
        judged,
        tuple(cover_needs(judges, judged, needs)),
        # An unresolved role is reported only once, with its own reason.
        () if judged.unresolved else tuple(possible_needs(judges, role, tasks)),
        unneeded(role, role.after, needs, place, symbolic_arns) if is_measured else (),
    )


def _is_measured(users: Users) -> bool:
    """Return whether all tasks use the role as their execution role only, and all of their needs are known."""
    return all(kinds == {"execution"} and not task.unresolved for task, kinds in users)
