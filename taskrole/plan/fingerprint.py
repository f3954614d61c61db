"""Keys of changes: changes that do the same to the same values have the same key, which excludes sensitive values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from taskrole.plan.model import MASK, Change

_LENGTH = 16


def fingerprint(
    *parts: object, before: Any, after: Any, unknown: Any, hidden_before: Any = False, hidden_after: Any = False
) -> str:
    """Return 16 hexadecimal digits for the values of a change and its other identifying parts."""
    values = [*parts, _masked(before, hidden_before), _masked(after, hidden_after), unknown]
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def fingerprint_of(change: Change) -> str:
    """Return the key of a change, made of its values, provider and actions."""
    if change.fingerprint:
        return change.fingerprint
    return fingerprint(
        change.address,
        change.provider,
        sorted(change.actions),
        before=change.before,
        after=change.after,
        unknown=change.unknown,
        hidden_before=change.hidden_before,
        hidden_after=change.hidden_after,
    )


def fingerprint_of_change(value: Mapping[str, Any]) -> str:
    """Return the key of an entry of `resource_changes`, as Terraform writes it."""
    change = value["change"]
    return fingerprint(
        value.get("address"),
        value.get("provider_name"),
        sorted(change["actions"]),
        before=change.get("before"),
        after=change.get("after"),
        unknown=change.get("after_unknown"),
        hidden_before=change.get("before_sensitive"),
        hidden_after=change.get("after_sensitive"),
    )


def _masked(value: Any, mask: Any) -> Any:
    """Return a value with its sensitive parts, according to the mask, replaced."""
    if mask is True:
        return MASK
    if isinstance(value, Mapping) and isinstance(mask, Mapping):
        return {key: _masked(inner, mask.get(key, False)) for key, inner in value.items()}
    if isinstance(value, list) and isinstance(mask, list):
        return [_masked(inner, mask[place] if place < len(mask) else False) for place, inner in enumerate(value)]
    return value
