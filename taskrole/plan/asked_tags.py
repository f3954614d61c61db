"""Tag keys that the policies of a plan have conditions on; other tags do not affect access."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from taskrole.plan.changed_tags import ANY_DEFAULT_TAG, ANY_TAG
from taskrole.plan.model import TYPES, Change, Plan
from taskrole.policy.catalogue.managed import managed_policy

# aws:ResourceTag/team, iam:ResourceTag/…, aws:PrincipalTag/…, ssm:resourceTag/…, s3:ExistingObjectTag/…
_ASKS = re.compile(r"[a-z0-9-]+:[a-z]*tag\\*/([^\"'},\\]*)", re.IGNORECASE)
_NOT_ONE = re.compile(r"[*?$&]")
_MANAGED = re.compile(r"arn:[a-z-]+:iam::aws:policy/[\w+=,.@/-]+")


def asked_tags(plan: Plan) -> frozenset[str]:
    """Return the tag keys, in lower case, in conditions of the plan's policies and of AWS managed policies it names.

    Contains ANY_TAG if the keys are unknown: if a key is a pattern or the text contains escaped characters.
    """
    keys: set[str] = set()
    managed: set[str] = set()
    for text in _texts(plan):
        keys |= _asked(text)
        managed.update(_MANAGED.findall(text))
    for policy in map(managed_policy, sorted(managed)):
        keys |= _asked(json.dumps(policy.document)) if policy else set()
    return frozenset(keys)


def asks_for(asked: frozenset[str], change: Change, plan: Plan) -> bool:
    """Return whether a change sets, alters or removes any of these tag keys."""
    keys = {key.lower() for key in change.changed_tags - {ANY_DEFAULT_TAG}}
    if ANY_DEFAULT_TAG in change.changed_tags and _has_default_tags(plan):
        keys.add(ANY_TAG)
    return bool(asked and keys) and (ANY_TAG in asked or ANY_TAG in keys or not asked.isdisjoint(keys))


def _asked(text: str) -> set[str]:
    keys = {key.strip().lower() for key in _ASKS.findall(text)}
    is_any = any(_NOT_ONE.search(key) or not key for key in keys) or "\\u" in text
    return keys | {ANY_TAG} if is_any else keys


def _has_default_tags(plan: Plan) -> bool:
    """Return whether a provider has default_tags; without them, unknown tags are no tags."""
    providers = plan.configuration.get("provider_config")
    return not isinstance(providers, dict) or "default_tags" in json.dumps(providers)


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
