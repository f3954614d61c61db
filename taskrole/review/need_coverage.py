"""Whether the roles of a plan allow what its task definitions need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import Grant, RoleKind
from taskrole.plan.model import Unresolved
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Answer, Coverage, Judge
from taskrole.policy.evaluation.grant_coverage import cover_grant
from taskrole.progress import tracked
from taskrole.review.rows import row_key
from taskrole.review.verdict import Judged, Need
from taskrole.sources.plan import role_of_state


@dataclass(frozen=True)
class NeedCoverage:
    """A need of a task definition, and whether its role allows each action after the plan.

    The texts of the coverage may contain symbolic ARNs.
    """

    judged: Judged
    need: Need
    actions: tuple[tuple[str, Coverage], ...]

    def by_reason(self, answer: Answer) -> Iterator[tuple[str, list[str]]]:
        """Yield the reasons of the actions with this answer, each with its actions."""
        actions: dict[str, list[str]] = {}
        for action, coverage in self.actions:
            if coverage.answer == answer:
                actions.setdefault(coverage.reason, []).append(action)
        yield from actions.items()


def cover_needs(
    roles: Sequence[Judged], needs: Mapping[str, Sequence[Need]], symbolic_arns: SymbolicArns | None
) -> Iterator[NeedCoverage]:
    """Yield the coverage of all needs of roles that exist after the plan; none without symbolic ARNs."""
    for judged in tracked(roles, "comparing needs with roles"):
        after = judged.role.after
        of_role = needs.get(judged.role.address, ())
        if after is None or symbolic_arns is None or not of_role:
            continue
        judge = Judge(role_of_state(judged.role, after, of_role[0].place, substitute=symbolic_arns.substitute))
        for need in of_role:
            actions = tuple(cover_grant(judge, need.grant, need.place, need.task.regions))
            yield NeedCoverage(judged, need, actions)


def answers_of_policy(document: Document, need: Need) -> set[Answer]:
    """Return the answers of a policy by itself for the actions of a need; `document` has symbolic ARNs."""
    judge = Judge(EffectiveRole("", (Policy("", "managed", document),)))
    covered = cover_grant(judge, need.grant, need.place, need.task.regions)
    return {coverage.answer for _, coverage in covered}


def unresolved_needs(covered: Iterable[NeedCoverage], symbolic_arns: SymbolicArns | None) -> Iterator[Unresolved]:
    """Yield the needs whose coverage is unknown, unless the role itself is unresolved, which is reported once."""
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
        yield Unresolved(address, attribute, symbolic_arns.restore(because) if symbolic_arns else because)


def possible_needs(
    roles: Iterable[Judged], tasks: Iterable[PlannedTask], symbolic_arns: SymbolicArns | None
) -> Iterator[Unresolved]:
    """Yield permissions that task definitions may need and their roles do not allow, with the reason.

    The key covers all that may be needed. A role that is itself unresolved is reported once, with its own reason.
    """
    if symbolic_arns is None:
        return
    by_address = {judged.role.address: judged for judged in roles if not judged.unresolved}
    judges: dict[tuple[str, Context], Judge] = {}
    for task in tasks:
        open_: dict[tuple[RoleKind, str, str, str], list[Grant]] = {}
        for need in task.possible:
            judged = by_address.get(task.roles.get(need.grant.role, ""))
            if judged is None or judged.role.after is None or task.place is None:
                continue
            place = judged.role.address, task.place
            if place not in judges:
                side = role_of_state(judged.role, judged.role.after, task.place, substitute=symbolic_arns.substitute)
                judges[place] = Judge(side)
            for action, coverage in cover_grant(judges[place], need.grant, task.place, task.regions):
                if coverage.answer != "allowed":
                    key = need.grant.role, judged.role.name, action, need.reason
                    open_.setdefault(key, []).append(need.grant)
        for (kind, name, action, reason), grants in open_.items():
            because = f"whether {task.address} needs {action} of role {name} is not known: {reason}"
            needed = [(grant.resources, grant.conditions) for grant in grants]
            yield Unresolved(task.address, f"{kind}_role_arn", because, row_key(needed))
