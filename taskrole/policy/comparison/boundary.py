"""Finds permissions that a role's permissions boundary denies."""

from __future__ import annotations

from taskrole.policy.catalogue.actions import expand
from taskrole.policy.comparison.compare import Row
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.coverage import Judge

# Appended to such a permission in reports.
FORBIDDEN = ", which its permissions boundary forbids"

_MOST_CALLS = 2_000


def is_forbidden(row: Row, judge: Judge) -> bool:
    """Return whether a role's boundary certainly denies everything that a row of its policies allows.

    False for a row of more than 2,000 calls, since such rows are not evaluated.
    """
    is_listed = row.effect == "Allow" and row.origin == "policy" and not (row.not_actions or row.not_resources)
    if judge.role.boundary is None or not is_listed:
        return False
    actions = [action for named in row.actions for action in (expand([named]) or [named])]
    if len(actions) * len(row.resources) > _MOST_CALLS:
        return False
    return all(judge.is_forbidden(Call(action, action, resource)) for action in actions for resource in row.resources)
