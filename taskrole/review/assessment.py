"""All that a review asks about one role by itself: what it was and is, and whether it fits what its tasks need.

A role is assessed as a whole before the next one, so that its documents are read once and not kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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


# The task definitions that use a role, each with the kinds of role that it uses it as.
Users = Sequence[tuple[PlannedTask, frozenset[RoleKind]]]


@dataclass(frozen=True)
class AssessmentInput:
    """What roles are assessed with, by the address of the role: its use, the needs of its tasks, what is declared."""

    users: Mapping[str, Users]
    uses: Mapping[str, TaskUse]
    needs: Mapping[str, Sequence[Need]]
    declared: Mapping[str, Sequence[Cause]]
    place: Context | None
    symbolic_arns: SymbolicArns


def assess_roles(
    roles: Sequence[PlannedRole], reported: Collection[str], given: AssessmentInput
) -> dict[str, Assessment]:
    """Return the assessments of roles by address; `reported` are the addresses of those to report on."""

    def assess(some: Sequence[PlannedRole]) -> tuple[list[Assessment], list[Learned]]:
        assessments = [_assessed(role, given, is_reported=role.address in reported) for role in some]
        return assessments, given.symbolic_arns.newly_learned()

    def shared() -> list[object]:
        trusts = [state.trust for role in roles for state in (role.before, role.after) if state]
        return [*roles, *filter(None, trusts), *chain.from_iterable(given.needs.values())]

    assessments: list[Assessment] = []
    for some, learned in in_groups(roles, assess, "comparing roles", shared, is_worth_it=bool(given.needs)):
        assessments += some
        given.symbolic_arns.learn(learned)
    return {role.address: assessment for role, assessment in zip(roles, assessments, strict=True)}


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


def _assessed(role: PlannedRole, given: AssessmentInput, *, is_reported: bool) -> Assessment:
    needs = given.needs.get(role.address, ())
    causes = causes_of(needs, given.declared.get(role.address, ()))
    judged = judge(role, causes, given.symbolic_arns, given.uses[role.address])
    users = given.users.get(role.address, ())
    if not is_reported or role.after is None or not users:
        return Assessment(judged)
    judges = RoleJudges(role, role.after, given.symbolic_arns)
    tasks = [task for task, _ in users]
    return Assessment(
        judged,
        tuple(cover_needs(judges, judged, needs)),
        # A role that is itself unresolved is reported once, with its own reason.
        () if judged.unresolved else tuple(possible_needs(judges, role, tasks)),
        unneeded(role, role.after, needs, given.place, given.symbolic_arns) if _is_measured(users) else (),
    )


def _is_measured(users: Users) -> bool:
    """Return whether all tasks use the role as their execution role only, and all of their needs are known."""
    return all(kinds == {"execution"} and not task.unresolved for task, kinds in users)
