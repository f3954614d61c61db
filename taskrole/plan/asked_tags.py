"""Whether any policy of a plan asks for tags: only then a tag can matter for access."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from taskrole.plan.model import TYPES, Plan
from taskrole.policy.catalogue.managed import managed_policy

# aws:ResourceTag/team, iam:ResourceTag/…, aws:PrincipalTag/…, ssm:resourceTag/…, s3:ExistingObjectTag/…
_ASKS = re.compile(r"[a-z0-9-]+:[a-z]*tag\\*/", re.IGNORECASE)
_MANAGED = re.compile(r"arn:[a-z-]+:iam::aws:policy/[\w+=,.@/-]+")


def asks_for_tags(plan: Plan) -> bool:
    """Return whether a policy in the plan, or an AWS managed policy that it names, asks for a tag.

    A text with escapes of characters counts as one that asks.
    """
    managed: set[str] = set()
    for text in _texts(plan):
        if _ASKS.search(text) or "\\u" in text:
            return True
        managed.update(_MANAGED.findall(text))
    documents = (managed_policy(arn) for arn in sorted(managed))
    return any(_ASKS.search(json.dumps(policy.document)) for policy in documents if policy)


def _texts(plan: Plan) -> Iterator[str]:
    waiting: list[Any] = [plan.configuration]
    waiting += [side for change in plan.changes if change.type in TYPES for side in (change.before, change.after)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
