"""Role tags that the role's own policies refer to: the same policy grants something else if a tag changes.

A statement with `aws:PrincipalTag/team`, as a condition or a policy variable, is marked with the value of that tag. A
plan that changes the tag therefore removes one statement and adds another.
Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltag
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.plan.documents import SIDES, Side
from taskrole.plan.model import Change, has_true
from taskrole.plan.role_policies import value_of
from taskrole.policy.documents.statements import Document, as_list

_PREFIX = "aws:principaltag/"
_OPERATOR = "StringEquals"


@dataclass(frozen=True)
class ChangedTags:
    """The role tags that a plan changes: the values of each, by tag name in lower case; None without the tag."""

    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    unknown: frozenset[str] = frozenset()
    all_unknown: bool = False

    def __bool__(self) -> bool:
        return bool(self.before or self.after or self.unknown or self.all_unknown)

    def asked_for(self, document: Document) -> bool:
        """Return whether a document refers to a tag that is known only after the apply."""
        text = json.dumps(document).lower()
        names = ("",) if self.all_unknown else tuple(self.unknown)
        return any(f"{_PREFIX}{name}" in text for name in names)

    def marked(self, document: Document, side: Side) -> Document:
        """Return a document whose statements that refer to a changed tag contain its value before or after."""
        values = self.before if side == "before" else self.after
        if not values:
            return document
        statements = [_marked(statement, values) for statement in as_list(document.get("Statement", []))]
        return {**document, "Statement": statements}


def changed_role_tags(change: Change | None) -> ChangedTags:
    """Return the role tags that a plan changes; none if it creates or destroys the role."""
    if change is None or change.before is None or change.after is None or not change.is_touched:
        return ChangedTags({}, {})
    sides: list[dict[str, str | None]] = []
    for side in SIDES:
        tags: dict[str, str | None] = {}
        for attribute in ("tags", "tags_all"):
            values = value_of(change, side, attribute)
            if isinstance(values, Mapping):
                tags |= {str(name).lower(): str(value) for name, value in values.items() if value is not None}
        sides.append(tags)
    masks = [change.unknown.get(name) for name in ("tags", "tags_all")] if isinstance(change.unknown, Mapping) else []
    unknown = {
        str(name).lower()
        for mask in masks
        if isinstance(mask, Mapping)
        for name, value in mask.items()
        if has_true(value)
    }
    before, after = sides
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - unknown
    return ChangedTags(
        {name: before.get(name) for name in names},
        {name: after.get(name) for name in names},
        frozenset(unknown),
        all_unknown=any(mask is True for mask in masks) and "tags" in change.changed,
    )


def _marked(statement: Any, values: Mapping[str, str | None]) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    text = json.dumps(statement).lower()
    named = {name: value for name, value in values.items() if f"{_PREFIX}{name}" in text}
    if not named:
        return statement
    block = statement.get("Condition")
    conditions = dict(block) if isinstance(block, Mapping) else {}
    pairs = conditions.get(_OPERATOR)
    marks = {
        f"tag {name} of the role itself": "not set" if value is None else value for name, value in sorted(named.items())
    }
    conditions[_OPERATOR] = {**(pairs if isinstance(pairs, Mapping) else {}), **marks}
    return {**statement, "Condition": conditions}
