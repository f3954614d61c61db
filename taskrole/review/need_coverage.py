"""Evaluates whether the roles of a plan allow what its task definitions need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import Grant, RoleKind
from taskrole.plan.model import Unresolved
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.roles import PlannedRole, RoleState
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Answer, Coverage, Judge
from taskrole.policy.evaluation.excess import Excess, role_excess
from taskrole.policy.evaluation.grant_coverage import allowed_needs, cover_grant
from taskrole.review.rows import row_key
from taskrole.review.verdict import Judged, Need
from taskrole.sources.plan import role_of_state


@dataclass(frozen=True)
class NeedCoverage:
    """A need of a task definition, and whether the role allows each of its actions after the plan.

    The texts of the coverage may contain symbolic ARNs.
    """

    judged: Judged
    need: Need
    actions: tuple[tuple[str, Coverage], ...]

    def by_reason(self, answer: Answer) -> Iterator[tuple[str, list[str]]]:
        """Yield the reasons for this answer, each with the actions that it applies to."""
        actions: dict[str, list[str]] = {}
        for action, coverage in self.actions:
            if coverage.answer == answer:
                actions.setdefault(coverage.reason, []).append(action)
        yield from actions.items()


class RoleJudges:
    """Judges of a role after the plan, one for each context where its tasks run; texts contain symbolic ARNs."""

    def __init__(self, role: PlannedRole, after: RoleState, symbolic_arns: SymbolicArns) -> None:
        self._role, self._after, self._symbolic_arns = role, after, symbolic_arns
        self._judges: dict[Context, Judge] = {}

    def at(self, place: Context) -> Judge:
        """Return the judge for tasks that run in a context."""
        if place not in self._judges:
            substitute = self._symbolic_arns.substitute_document
            self._judges[place] = Judge(role_of_state(self._role, self._after, place, substitute=substitute))
        return self._judges[place]


def cover_needs(judges: RoleJudges, judged: Judged, needs: Sequence[Need]) -> Iterator[NeedCoverage]:
    """Yield the coverage of all needs of a role that exists after the plan."""
    if not needs:
        return
    judge = judges.at(needs[0].place)
    for need in needs:
        actions = tuple(cover_grant(judge, need.grant, need.place, need.task.regions))
        yield NeedCoverage(judged, need, actions)


def answers_of_policy(document: Document, need: Need) -> set[Answer]:
    """Return the answers of a policy alone for the actions of a need; `document` has symbolic ARNs."""
    judge = Judge(EffectiveRole("", (Policy("", "managed", document),)))
    covered = cover_grant(judge, need.grant, need.place, need.task.regions)
    return {coverage.answer for _, coverage in covered}


def unresolved_needs(covered: Iterable[NeedCoverage], symbolic_arns: SymbolicArns) -> Iterator[Unresolved]:
    """Yield the needs whose coverage is unknown, unless the role itself is unresolved, which is reported separately."""
    reasons: dict[tuple[str, str, str, str], list[str]] = {}
    for coverage in covered:
        if coverage.judged.unresolved:
            continue
        for reason, actions in coverage.by_reason("unknown"):
            why = reason if not coverage.need.task.is_hidden else "its needs are sensitive"
            attribute = f"{coverage.need.grant.role}_role_arn"
            reasons.setdefault((coverage.need.task.address, attribute, coverage.judged.role.name, why), []).extend(
                actions
            )
    for (address, attribute, name, why), actions in reasons.items():
        named = ", ".join(dict.fromkeys(actions))
        because = f"whether role {name} allows {named} is not known: {why}"
        yield Unresolved(address, attribute, symbolic_arns.restore(because))


def possible_needs(judges: RoleJudges, role: PlannedRole, tasks: Iterable[PlannedTask]) -> Iterator[Unresolved]:
    """Yield permissions that tasks of a role may need and that it does not allow, with the reason.

    The key covers everything that may be needed.
    """
    for task in tasks:
        if task.place is None:
            continue
        open_: dict[tuple[RoleKind, str, str], list[Grant]] = {}
        for need in task.possible:
            if task.roles.get(need.grant.role) != role.address:
                continue
            for action, is_allowed in allowed_needs(judges.at(task.place), need.grant, task.place, task.regions):
                if not is_allowed:
                    open_.setdefault((need.grant.role, action, need.reason), []).append(need.grant)
        for (kind, action, reason), grants in open_.items():
            because = f"whether {task.address} needs {action} of role {role.name} is not known: {reason}"
            needed = [(grant.resources, grant.conditions) for grant in grants]
            yield Unresolved(task.address, f"{kind}_role_arn", because, row_key(needed))


def unneeded(
    role: PlannedRole, after: RoleState, needs: Iterable[Need], place: Context | None, symbolic_arns: SymbolicArns
) -> tuple[Excess, ...]:
    """Return what a role allows after the plan beyond the needs; sensitive policies are left out."""
    open_ = tuple(policy for policy in after.policies if not policy.is_hidden)
    state = after if len(open_) == len(after.policies) else replace(after, policies=open_)
    effective = role_of_state(role, state, place, substitute=symbolic_arns.substitute_document)
    return role_excess(effective, [need.grant for need in needs]).excess
