"""The managed policies that a role gains, loses or keeps, by name; their permissions are in the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole, RoleState
from taskrole.policy.comparison.compare import compare
from taskrole.policy.documents.statements import Document
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.review.report import ManagedChange, ManagedPolicy

# In the order of importance to a reader.
_ORDER: tuple[ManagedChange, ...] = ("gains", "loses", "edits", "keeps")


def managed_policies(role: PlannedRole) -> tuple[ManagedPolicy, ...]:
    """Return the managed policies that a role has before or after a plan, without permissions boundaries."""
    return tuple(sorted(_changes(role), key=lambda change: (_ORDER.index(change.change), change.name, change.arn)))


def _changes(role: PlannedRole) -> Iterator[ManagedPolicy]:
    before, after = _attached(role.before), _attached(role.after)
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if new is None and old is not None:
            yield _policy(old, "loses")
        elif new is not None:
            yield _policy(new, "gains" if old is None else "edits" if _is_edited(old, new) else "keeps")


def _attached(side: RoleState | None) -> dict[str, Attached]:
    return {policy.key: policy for policy in side.policies if policy.kind != "inline"} if side else {}


def _is_edited(old: Attached, new: Attached) -> bool:
    if old.problem != new.problem or old.document is None or new.document is None:
        return old.problem != new.problem
    return old.document != new.document and compare([old.document], [new.document]).verdict != "neutral"


def _policy(policy: Attached, change: ManagedChange) -> ManagedPolicy:
    is_known = policy.document is not None and not policy.problem
    count = allowed_actions(policy.document) if is_known and policy.document is not None else None
    return ManagedPolicy(policy.name, policy.shown_key, "aws" if policy.kind == "aws" else "customer", change, count)


def allowed_actions(document: Document) -> int:
    """Return the number of known actions that a policy allows by itself."""
    return _count_of(json.dumps(document))


@lru_cache(maxsize=1_000)
def _count_of(text: str) -> int:
    """Return the number of actions that a policy allows; cached, since a policy is attached to many roles."""
    return len(effective_actions([json.loads(text)]).actions)
