"""Assesses the roles of a plan: each completely before the next one, so its documents are read once and not kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from taskrole.arns import Context
from taskrole.grant import RoleKind
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.symbolic_arns import Learned, SymbolicArns
from taskrole.review.assessment import AssessedRole, Assessment, Users
from taskrole.review.need_coverage import RoleJudges, cover_needs, possible_needs, unneeded
from taskrole.review.rules.own_policies import OwnPolicies
from taskrole.review.rules.policies import check_own_policies
from taskrole.review.verdict import causes_of, judge
from taskrole.two_processes import in_groups


def assess_roles(
    roles: Sequence[AssessedRole], symbolic_arns: SymbolicArns, place: Context | None
) -> dict[str, Assessment]:
    """Return the assessments of roles by address; `place` is the context of the whole plan, if it has one."""

    def assess(some: Sequence[AssessedRole]) -> tuple[list[Assessment], list[Learned]]:
        return [_assessment(role, symbolic_arns, place) for role in some], symbolic_arns.references.take_new()

    def shared() -> list[object]:
        needs = chain.from_iterable(assessed.needs for assessed in roles)
        return [*(assessed.role for assessed in roles), *needs]

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
    judged = judge(role, assessed.identity, causes_of(needs, assessed.declared), symbolic_arns, assessed.use)
    if not assessed.is_reported or role.after is None:
        return Assessment(judged)
    is_execution = any("execution" in kinds for _, kinds in assessed.users)
    findings = tuple(check_own_policies(OwnPolicies(judged, assessed.policies, is_execution)))
    if not assessed.users:
        return Assessment(judged, findings)
    judges = RoleJudges(role, role.after, symbolic_arns)
    tasks = [task for task, _ in assessed.users]
    is_measured = _is_measured(assessed.users)
    return Assessment(
        judged,
        findings,
        tuple(cover_needs(judges, judged, needs)),
        # An unresolved role is reported only once, with its own reason.
        () if judged.unresolved else tuple(possible_needs(judges, role, tasks)),
        unneeded(role, role.after, needs, place, symbolic_arns) if is_measured else (),
    )


def _is_measured(users: Users) -> bool:
    """Return whether all tasks use the role as their execution role only, and all of their needs are known."""
    return all(kinds == {"execution"} and not task.unresolved for task, kinds in users)
