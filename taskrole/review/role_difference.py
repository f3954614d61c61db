"""The differences between a role's permissions before and after a plan, or between the permissions of two roles."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.dataclass import dataclass
from taskrole.plan.principal_tags import ChangedTags
from taskrole.plan.roles import RoleState
from taskrole.policy.comparison.boundary import is_forbidden
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, compare
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Judge
from taskrole.review.rows import Forbids, texts_of
from taskrole.review.whole_policies import Split, split_rows, whole_policies

NO_TAGS = ChangedTags({}, {})


@dataclass(frozen=True)
class Difference:
    """A difference of permissions: the comparison, its rows by policy of origin, and the sensitive texts.

    `before` and `after` are the compared documents. `forbids` applies to gained permissions; None if the role has no
    known boundary.
    """

    policies: Comparison
    gained: Split
    lost: Split
    hidden: frozenset[str]
    before: Sequence[Document]
    after: Sequence[Document]
    forbids: Forbids | None


def compare_sides(before: RoleState | None, after: RoleState | None, tags: ChangedTags = NO_TAGS) -> Difference:
    """Return the difference between two sides of a role, or between two roles; None stands for no permissions.

    `tags` are the tags of the role that the plan changes.
    """
    kept = unknown_on_both_sides(before, after)
    old, new = _documents(before, kept), _documents(after, kept)
    if tags:
        open_tags = [document for document in (*old, *new) if tags.asked_for(document)]
        old = [tags.marked(document, "before") if document is not UNKNOWN else document for document in old]
        new = [tags.marked(document, "after") if document is not UNKNOWN else document for document in new]
        new += [UNKNOWN] if open_tags else []
    boundaries = _boundary(before), _boundary(after)
    if before is None:
        boundaries = boundaries[1], boundaries[1]
    elif after is None:
        boundaries = boundaries[0], boundaries[0]
    elif before.boundary and after.boundary and {before.boundary.key, after.boundary.key} <= kept:
        boundaries = None, None
    policies = compare(old, new, *boundaries)
    return Difference(
        policies,
        split_rows(policies.added, old, new, whole_policies(after, before)),
        split_rows(policies.removed, new, old, whole_policies(before, after)),
        _hidden_texts(before, after),
        old,
        new,
        _forbids(after),
    )


def unknown_on_both_sides(before: RoleState | None, after: RoleState | None) -> frozenset[str]:
    """Return the keys of policies with unknown documents that a role has before and after, untouched by the plan."""
    sides = [
        {
            policy.key
            for policy in side.all_policies
            if policy.problem and policy.document is None and not policy.address
        }
        if side
        else set()
        for side in (before, after)
    ]
    return frozenset(sides[0] & sides[1])


def _documents(side: RoleState | None, without: frozenset[str]) -> list[Document]:
    documents: list[Document] = []
    for policy in side.policies if side else ():
        if policy.document is not None:
            documents.append(policy.document)
        if policy.problem and policy.key not in without:
            documents.append(UNKNOWN)
    return documents


def _boundary(side: RoleState | None) -> Document | None:
    if side is None or side.boundary is None:
        return None
    return UNKNOWN if side.boundary.problem or side.boundary.document is None else side.boundary.document


def _forbids(side: RoleState | None) -> Forbids | None:
    if side is None or side.boundary is None or side.boundary.document is None:
        return None
    judge = Judge(EffectiveRole("", boundary=side.boundary.document, boundary_problem=side.boundary.problem))
    return lambda row: is_forbidden(row, judge)


def _hidden_texts(before: RoleState | None, after: RoleState | None) -> frozenset[str]:
    """Return the strings that only sensitive policies contain."""
    policies = [policy for side in (before, after) if side for policy in side.all_policies]
    if not any(policy.is_hidden for policy in policies):
        return frozenset()
    hidden, open_ = (
        texts_of(
            policy.document for policy in policies if policy.document is not None and policy.is_hidden is is_hidden
        )
        for is_hidden in (True, False)
    )
    return hidden - open_
