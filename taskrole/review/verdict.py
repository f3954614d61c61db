"""What a plan does to one role: the verdict, and the rows behind it.

A role that is made had nothing before, one that is destroyed has nothing after. A policy of which nothing is known and
that a role has both before and after decides nothing: whatever it allows, it goes on allowing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from taskrole.arns import Context
from taskrole.grant import Grant
from taskrole.plan.model import MASK, Unresolved
from taskrole.plan.principal_tags import changed_tags
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole, RoleSide
from taskrole.plan.symbolic_arns import StandIns
from taskrole.plan.task_definitions import PlannedTask, grant_source
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Row, Verdict
from taskrole.policy.comparison.trust import compare_trust
from taskrole.policy.comparison.trust_changes import principal_changes, trust_sentences
from taskrole.policy.documents.statements import Document, policy_document
from taskrole.policy.evaluation.coverage import Judge
from taskrole.policy.evaluation.effective import effective_actions
from taskrole.policy.evaluation.grant_calls import Regions, regions_of
from taskrole.policy.evaluation.grant_coverage import cover_grant
from taskrole.policy.match import compile_glob, has_wildcard
from taskrole.policy.patterns import overlaps
from taskrole.review.managed import managed_policies
from taskrole.review.report import RoleReview, TrustChange
from taskrole.review.role_difference import compare_sides
from taskrole.review.rows import Because, row_key
from taskrole.review.whole_policies import split_access_rows
from taskrole.role import Policy
from taskrole.sources.effective_role import EffectiveRole

# The worst first: what cannot be told may be worse than anything that can.
VERDICTS: tuple[Verdict, ...] = ("unresolved", "broadens", "narrows", "neutral", "no-change")

_REST = "no task in this plan needs the rest"


@dataclass(frozen=True)
class Judged:
    """A role with its review, and what the rules want to know beside: the comparisons and what is not known."""

    role: PlannedRole
    review: RoleReview
    policies: Comparison
    trust: Comparison
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True)
class Need:
    """A grant that a task definition needs of a role, and where the task runs."""

    grant: Grant
    task: PlannedTask
    place: Context


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of verdicts; of none, that nothing changes."""
    found = set(verdicts)
    return next((verdict for verdict in VERDICTS if verdict in found), "no-change")


def needs_of(tasks: Iterable[PlannedTask]) -> dict[str, list[Need]]:
    """Return what all task definitions need of their roles, by the role's address."""
    needs: dict[str, list[Need]] = {}
    for task in tasks:
        for grant in task.grants:
            address = task.roles.get(grant.role)
            if address is not None and task.place is not None:
                needs.setdefault(address, []).append(Need(grant, task, task.place))
    return needs


def judge(role: PlannedRole, needs: Sequence[Need] = (), stand_ins: StandIns | None = None) -> Judged:
    """Return what a plan does to a role. `needs` are those of task definitions that use it, in stand-ins."""
    before, after = role.before, role.after
    difference = compare_sides(before, after, changed_tags(role.change))
    policies, hidden = difference.policies, difference.hidden
    account = role.account or None
    trust = compare_trust(_trust(before), _trust(after), account) if role.change else Comparison("no-change")
    review = RoleReview(
        role.address,
        role.name,
        worst((policies.verdict, trust.verdict)),
        _trust_change(role, trust),
        split_access_rows(difference.gained, role.name, "+", because=_because(needs, stand_ins), hidden=hidden),
        split_access_rows(difference.lost, role.name, "-", hidden=hidden),
        _counts(before),
        _counts(after),
        managed_policies(role),
        is_known=role.is_known,
    )
    unresolved = list(_unresolved(role))
    if not unresolved and role.is_touched:
        texts = (("policies", policies), ("assume_role_policy", trust))
        whys = [(name, why) for name, found in texts for why in found.unresolved]
        sides = [difference.after, _trust(after), difference.before, _trust(before)]
        known = row_key(sides) if whys else ""
        unresolved = [Unresolved(role.address, name, why, known) for name, why in whys]
    return Judged(role, review, policies, trust, tuple(unresolved))


def documents_of(side: RoleSide | None) -> list[Document]:
    """Return the documents of a role's policies that are known, at least in part."""
    return [policy.document for policy in side.policies if policy.document is not None] if side else []


def boundary_of(side: RoleSide | None) -> Document | None:
    """Return the document of a role's permissions boundary; None where it has none or it is not known."""
    return side.boundary.document if side and side.boundary else None


def _trust(side: RoleSide | None) -> Document | None:
    if side is None:
        return None
    return UNKNOWN if side.trust is None else side.trust


def _trust_change(role: PlannedRole, trust: Comparison) -> TrustChange:
    hides = any(side is not None and side.trust_is_hidden for side in (role.before, role.after))
    changed = trust.verdict not in ("no-change", "neutral")
    changes = [(row.effect, row.actions, row.resources, row.conditions) for row in trust.added + trust.removed]
    key = row_key([len(trust.added), changes]) if changed else ""
    if hides:
        masked = [(MASK,) if rows else () for rows in (trust.added, trust.removed)]
        return TrustChange(changed, None, None, masked[0], masked[1], key)
    return TrustChange(
        changed,
        role.before.trust if role.before else None,
        role.after.trust if role.after else None,
        tuple(sentence for row in trust.added for sentence in trust_sentences(row)),
        tuple(sentence for row in trust.removed for sentence in trust_sentences(row)),
        key,
        changes=tuple(principal_changes(_trust(role.before), _trust(role.after), trust)),
    )


def _counts(side: RoleSide | None) -> dict[str, int]:
    levels = effective_actions(documents_of(side), boundary_of(side)).by_level
    return {str(level): count for level, count in levels.items()}


def _unresolved(role: PlannedRole) -> Iterable[Unresolved]:
    for side in (role.before, role.after):
        if side is None or (side is role.before and role.after is not None and not role.is_touched):
            continue
        if side.trust_problem and role.change is not None:
            yield Unresolved(role.address, "assume_role_policy", side.trust_problem)
        for policy in side.all_policies:
            if policy.problem:
                # What is masked alike is still not the same; and what is known of a policy is approved with it.
                known = row_key([policy.key, policy.document])
                yield Unresolved(policy.address or role.address, _attribute(policy), policy.problem, known)


def _attribute(policy: Attached) -> str:
    return policy.attribute if policy.address else policy.shown_key


def _because(needs: Sequence[Need], stand_ins: StandIns | None) -> Because | None:
    if not needs or stand_ins is None:
        return None
    regions = {need.task.address: regions_of(need.task.grants) for need in needs}

    def because(row: Row) -> str:
        if row.origin != "policy":
            return ""
        resources = [stand_ins.put(one) for one in row.resources]
        needed: dict[str, str] = {}
        row_judge = Judge(EffectiveRole("", (_policy_of(row, resources, stand_ins),)))
        for need in needs:
            for action in _needed(row, resources, need.grant, row_judge, (need.place, regions[need.task.address])):
                needed.setdefault(action, stand_ins.back(grant_source(need.grant, need.task)))
        return _clauses(row, needed)

    return because


def _policy_of(row: Row, resources: Sequence[str], stand_ins: StandIns) -> Policy:
    conditions: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in row.conditions:
        conditions.setdefault(operator, {}).setdefault(key, stand_ins.put(list(values)))
    statement = {"Effect": "Allow", "Action": list(row.actions), "Resource": list(resources), "Condition": conditions}
    return Policy("row", "inline", policy_document([statement]))


def _needed(
    row: Row, resources: Sequence[str], grant: Grant, row_judge: Judge, where: tuple[Context, Regions]
) -> list[str]:
    """Return the actions of a grant that a row allows, or may allow, on some of what the grant is about."""
    if row.not_actions or row.not_resources or grant.effect != "Allow":
        return []
    if not any(overlaps(one, other) for one in resources for other in grant.resources):
        return []
    actions = [action for action in grant.actions if any(names_action(pattern, action) for pattern in row.actions)]
    if not actions or not row.conditions:
        return actions
    covered = dict(cover_grant(row_judge, grant, *where))
    return [action for action in actions if action not in covered or covered[action].answer != "denied"]


def _clauses(row: Row, needed: Mapping[str, str]) -> str:
    """Return why the actions that are needed are, naming them where that is not all the row allows."""
    exactly = {action.lower() for action in needed}
    is_all = all(action.lower() in exactly for action in row.actions)
    whys = list(dict.fromkeys(needed.values()))
    if is_all and len(whys) == 1:
        return whys[0]
    told = [f"{', '.join(action for action in needed if needed[action] == why)}: {why}" for why in whys]
    return "; ".join([*told, *([] if is_all or not told else [_REST])])


def names_action(pattern: str, action: str) -> bool:
    """Tell whether an action, in any case, fits a pattern."""
    if not has_wildcard(pattern):
        return pattern.lower() == action.lower()
    return compile_glob(pattern.lower()).matches(action.lower())
