"""Reviews of the customer managed policies that a plan touches, each compared separately.

The roles, users and groups that have a policy, attached or as their permissions boundary, are often in another state.
A plan shows how often a policy is attached (`attachment_count`), which does not count boundaries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.plan.documents import SIDES, Side
from taskrole.plan.known_document import KnownDocument
from taskrole.plan.model import MASK, Change, Unresolved
from taskrole.plan.role_policies import POLICY, Policies, text_value_of, value_of
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Verdict, compare
from taskrole.policy.documents.statements import Document
from taskrole.review.report import AccessRow, PolicyReview
from taskrole.review.rows import access_rows, row_key, texts_of
from taskrole.review.rules import ReviewedPlan
from taskrole.review.verdict import VERDICTS, Judged

_WORST_FIRST = {verdict: place for place, verdict in enumerate(VERDICTS)}


def policy_reviews(reviewed: ReviewedPlan) -> tuple[PolicyReview, ...]:
    """Return the customer managed policies that a plan creates, updates, destroys or forgets, sorted by address."""
    policies = Policies(reviewed.plan, reviewed.configuration)
    touched = {
        change.address: change for change in reviewed.plan.touched if _is_policy(change) and not change.is_deposed
    }
    holders = _holders(reviewed, touched)
    return tuple(_review(touched[address], policies, holders.get(address, ())) for address in sorted(touched))


def unresolved_policies(reviews: Sequence[PolicyReview]) -> Iterator[Unresolved]:
    """Yield the policies with an unknown effect, because their holders or documents are unknown."""
    for review in reviews:
        if review.counts and review.verdict == "unresolved":
            yield Unresolved(review.address, "policy", review.note, review.key, review.approved)


def _is_policy(change: Change) -> bool:
    return change.type == POLICY and not change.is_data and (change.is_touched or change.is_imported)


def _holders(reviewed: ReviewedPlan, touched: dict[str, Change]) -> dict[str, list[Judged]]:
    """Return the roles of the plan that have each policy before or after the plan, attached or as a boundary."""
    by_key = {
        key: address
        for address, change in touched.items()
        for key in (address, text_value_of(change, "before", "arn"), text_value_of(change, "after", "arn"))
        if isinstance(key, str)
    }
    holders: dict[str, list[Judged]] = {}
    for judged in reviewed.all_roles.values():
        keys = {
            policy.key
            for side in (judged.role.before, judged.role.after)
            for policy in (side.all_policies if side else ())
        }
        for address in {by_key[key] for key in keys if key in by_key}:
            holders.setdefault(address, []).append(judged)
    return holders


def _review(change: Change, policies: Policies, holders: Sequence[Judged]) -> PolicyReview:
    comparison = compare(_documents(policies, change, "before"), _documents(policies, change, "after"))
    arn = value_of(change, "after", "arn") or value_of(change, "before", "arn")
    name = value_of(change, "after", "name") or value_of(change, "before", "name")
    name = name if isinstance(name, str) and not change.is_hidden("name") else change.address
    attachments = _attachments(change)
    seen = len(holders) if change.before is None else sum(_has(judged, change) for judged in holders)
    counts = _counts(change, comparison, holders, attachments, seen)
    hidden = _hidden_texts(change, policies)
    is_shown = counts or not holders
    rows = [
        access_rows(some, name, sign, hidden=hidden) if is_shown else ()
        for some, sign in ((comparison.added, "+"), (comparison.removed, "-"))
    ]
    note = _note(change, attachments, seen, rows[0])
    if comparison.verdict == "unresolved":
        note = f"{note}; {'; '.join(dict.fromkeys(_problems(policies, change)))}"
    return PolicyReview(
        change.address,
        name,
        MASK if change.is_hidden("arn") else arn if isinstance(arn, str) else change.address,
        comparison.verdict,
        rows[0],
        rows[1],
        attachments,
        seen,
        counts,
        note,
        _key(change, comparison, note),
    )


def _counts(
    change: Change, comparison: Comparison, holders: Sequence[Judged], attachments: int | None, seen: int
) -> bool:
    """Return whether the verdict on a policy counts: principals outside the plan may have it.

    A policy may be a permissions boundary anywhere, which a plan does not show. If all its roles are in the plan and
    their verdicts are as bad, the verdict on the policy would only repeat theirs.
    """
    if change.before is None or comparison.verdict in ("no-change", "neutral"):
        return False
    if attachments is None or attachments > seen:
        return True
    verdicts = (judged.review.verdict for judged in holders)
    worst: Verdict = min(verdicts, key=_WORST_FIRST.__getitem__, default="no-change")
    return _WORST_FIRST[worst] > _WORST_FIRST[comparison.verdict]


def _attachments(change: Change) -> int | None:
    count = value_of(change, "before", "attachment_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0 if change.before is None else None


def _has(judged: Judged, change: Change) -> bool:
    keys = {change.address, value_of(change, "before", "arn")}
    return any(policy.key in keys for policy in (judged.role.before.policies if judged.role.before else ()))


def _documents(policies: Policies, change: Change, side: Side) -> list[Document]:
    if (change.before if side == "before" else change.after) is None and not (change.is_forgotten and change.before):
        return []
    known = _known(policies, change, side)
    return [*([known.document] if known.document is not None else []), *([UNKNOWN] if known.problem else [])]


def _known(policies: Policies, change: Change, side: Side) -> KnownDocument:
    # A forgotten policy stays as it is.
    return policies.document(change, "policy", "before" if change.is_forgotten else side)


def _problems(policies: Policies, change: Change) -> Iterator[str]:
    for side in SIDES:
        if (change.before if side == "before" else change.after) is not None:
            known = policies.document(change, "policy", side)
            if known.problem:
                yield f"{side} the plan {known.problem}"


def _hidden_texts(change: Change, policies: Policies) -> frozenset[str]:
    if not change.is_hidden("policy"):
        return frozenset()
    documents = [policies.document(change, "policy", side).document for side in SIDES]
    return texts_of(document for document in documents if document is not None)


def _note(change: Change, attachments: int | None, seen: int, added: Sequence[AccessRow]) -> str:
    if change.before is None:
        everything = "; it allows every action on every resource" if any(row.is_everything for row in added) else ""
        return "new, with its roles in this plan" if seen else f"new, and attached to no known role{everything}"
    if attachments is None:
        return "how often it is attached is not known"
    times = "once" if attachments == 1 else f"{attachments} times"
    of_those = "not in this plan" if not seen else f"{seen} of them in this plan"
    if attachments > seen:
        return f"attached {times}, {of_those}"
    if not attachments:
        return "attached to nothing; it may be a permissions boundary"
    return f"attached {times}, all in this plan"


def _key(change: Change, comparison: Comparison, note: str) -> str:
    arn = value_of(change, "before", "arn") or value_of(change, "after", "arn") or change.address
    rows = [
        [sign, row.effect, row.actions, row.resources, row.conditions, row.not_actions, row.not_resources]
        for sign, some in (("+", comparison.added), ("-", comparison.removed))
        for row in some
    ]
    return row_key([arn, "policy", comparison.verdict, rows, note if comparison.verdict == "unresolved" else ""])
