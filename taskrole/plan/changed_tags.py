"""The tag keys that a change sets, alters or removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Not tag keys, which cannot contain an asterisk: any tag, and any tag in a provider's default_tags.
ANY_TAG = "*"
ANY_DEFAULT_TAG = "*default"


def changed_tags(change: Mapping[str, Any]) -> frozenset[str]:
    """Return the tag keys whose value differs or is unknown after a change in Terraform's JSON format."""
    before, after, unknown = (
        values if isinstance(values, dict) else {}
        for values in (change.get("before"), change.get("after"), change.get("after_unknown"))
    )
    keys: set[str] = set()
    for name, whole in (("tags", ANY_TAG), ("tags_all", ANY_DEFAULT_TAG)):
        mask = unknown.get(name)
        if mask is True:
            keys.add(whole)
        sides = [values.get(name) or {} for values in (before, after)]
        if not all(isinstance(side, dict) for side in sides):
            keys.add(ANY_TAG)
            continue
        old, new = sides
        if mask is not True:
            keys |= {key for key in {*old, *new} if old.get(key) != new.get(key)}
        keys |= {key for key, is_unknown in mask.items() if is_unknown} if isinstance(mask, dict) else set()
    return frozenset(keys)
