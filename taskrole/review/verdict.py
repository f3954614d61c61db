"""The verdict on a role, and the rows that it is based on.

A new role has no permissions before, a destroyed role none after. An entirely unknown policy that a role has both
before and after does not affect the verdict, since its permissions do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import Grant
from taskrole.plan.model import MASK, Unresolved
from taskrole.plan.planned_task import PlannedTask, grant_source
from taskrole.plan.principal_tags import changed_role_tags
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole, RoleState
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Verdict
from taskrole.policy.comparison.trust import compare_trust
from taskrole.policy.comparison.trust_changes import principal_changes, trust_sentences
from taskrole.policy.documents.statements import Document
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.review.causes import Cause, because_of
from taskrole.review.managed import managed_policies
from taskrole.review.report import RoleReview, TrustChange
from taskrole.review.role_difference import compare_sides
from taskrole.review.rows import keyed, row_key
from taskrole.review.task_use import TaskUse
from taskrole.review.whole_policies import split_access_rows

# The worst first: an unknown change may be worse than any known change.
VERDICTS: tuple[Verdict, ...] = ("unresolved", "broadens", "narrows", "neutral", "no-change")


# The note that the secrets of a task definition may be encrypted with a key that it does not name.
_UNKNOWN_KEY = "KMS-3"


@dataclass(frozen=True)
class Judged:
    """A role with its review, its comparisons and its unknown values, for the rules."""

    role: PlannedRole
    review: RoleReview
    policies: Comparison
    trust: Comparison
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True)
class Need:
    """A grant that a task definition needs from a role, and where the task runs."""

    grant: Grant
    task: PlannedTask
    place: Context


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict; no-change if there are none."""
    distinct = set(verdicts)
    return next((verdict for verdict in VERDICTS if verdict in distinct), "no-change")


def needs_of(tasks: Iterable[PlannedTask]) -> dict[str, list[Need]]:
    """Return the needs of all task definitions, by the address of the role."""
    needs: dict[str, list[Need]] = {}
    for task in tasks:
        for grant in task.grants:
            address = task.roles.get(grant.role)
            if address is not None and task.place is not None:
                needs.setdefault(address, []).append(Need(grant, task, task.place))
    return needs


def causes_of(needs: Sequence[Need], declared: Sequence[Cause] = ()) -> list[Cause]:
    """Return the causes of rows: needs of the plan's task definitions, declarations in roles.yaml, possible needs.

    A possible need is the KMS key of secrets whose definition does not name it.
    """
    sure = [Cause(need.grant, grant_source(need.grant, need.task), need.place, need.task.regions) for need in needs]
    unknown_keys = {
        need.task.address: need
        for need in needs
        if need.grant.role == "execution" and any(finding.code == _UNKNOWN_KEY for finding in need.task.findings)
    }
    return [
        *sure,
        *declared,
        *(
            Cause(
                replace(need.grant, actions=("kms:Decrypt",), resources=("*",), conditions=()),
                f"{address} does not say which key encrypts its secrets; it may be this one",
                need.place,
                need.task.regions,
            )
            for address, need in unknown_keys.items()
        ),
    ]


def judge(
    role: PlannedRole, identity: tuple[str, str], causes: Sequence[Cause], symbolic_arns: SymbolicArns, use: TaskUse
) -> Judged:
    """Return the review of a role. `causes` explain why it needs its permissions, with symbolic ARNs.

    `identity` is the role's in the keys of approvals, as returned by role_identity.
    """
    before, after = role.before, role.after
    difference = compare_sides(before, after, changed_role_tags(role.change))
    policies, hidden = difference.policies, difference.hidden
    account = role.account or None
    trust = compare_trust(_trust(before), _trust(after), account) if role.change else Comparison("no-change")
    because = because_of(causes, symbolic_arns, use)
    gained = split_access_rows(
        difference.gained, role.name, "+", because=because, forbids=difference.forbids, hidden=hidden
    )
    review = RoleReview(
        role.address,
        role.name,
        worst((policies.verdict, trust.verdict)),
        _trust_change(role, identity, trust),
        keyed(gained, identity, "+"),
        keyed(split_access_rows(difference.lost, role.name, "-", hidden=hidden), identity, "-"),
        _counts(before),
        _counts(after),
        managed_policies(role),
        is_known=role.is_known,
        used_as=use.kinds,
        needs_unknown=use.unknown,
        lifecycle="new" if before is None else "removed" if after is None else "kept",
    )
    unresolved = list(_unresolved(role))
    if not unresolved and role.is_touched:
        texts = (("policies", policies), ("assume_role_policy", trust))
        whys = [(name, why) for name, difference in texts for why in difference.unresolved]
        sides = [difference.after, _trust(after), difference.before, _trust(before)]
        known = row_key(sides) if whys else ""
        unresolved = [Unresolved(role.address, name, why, known) for name, why in whys]
    return Judged(role, review, policies, trust, tuple(unresolved))


def documents_of(side: RoleState | None) -> list[Document]:
    """Return the documents of a role's policies that are known at least in part."""
    return [policy.document for policy in side.policies if policy.document is not None] if side else []


def boundary_of(side: RoleState | None) -> Document | None:
    """Return the document of a role's permissions boundary; None if it has none or it is not known."""
    return side.boundary.document if side and side.boundary else None


def _trust(side: RoleState | None) -> Document | None:
    if side is None:
        return None
    return UNKNOWN if side.trust is None else side.trust


def _trust_change(role: PlannedRole, identity: tuple[str, str], trust: Comparison) -> TrustChange:
    hides = any(side is not None and side.trust_is_hidden for side in (role.before, role.after))
    changed = trust.verdict not in ("no-change", "neutral")
    changes = [(row.effect, row.actions, row.resources, row.conditions) for row in trust.added + trust.removed]
    key = row_key([*identity, "trust", row_key([len(trust.added), changes])]) if changed else ""
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


def _counts(side: RoleState | None) -> dict[str, int]:
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
                # Different policies can be masked alike, so the approval covers the known parts of the policy.
                known = row_key([policy.key, policy.document])
                yield Unresolved(policy.address or role.address, _attribute(policy), policy.problem, known)


def _attribute(policy: Attached) -> str:
    return policy.attribute if policy.address else policy.shown_key
