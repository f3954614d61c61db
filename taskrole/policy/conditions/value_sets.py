"""Sets of request values that match one value of a condition.

`is_within` and `are_disjoint` return True only if it is proved; False proves nothing. A value that its operator
cannot parse is `Unreadable`, which is only within itself.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.policy.conditions import values
from taskrole.policy.patterns import OPEN, contains, overlaps
from taskrole.policy.policy_variables import VARIABLE, remove_variables, variables_end
from taskrole.policy.resource_arns import ARN_FIELDS

_WILDCARD = re.compile(r"[*?]")
_WILDCARD_OR_VARIABLE = re.compile(rf"{VARIABLE.pattern}|[*?]")


@dataclass(frozen=True)
class Texts:
    """The texts that match a pattern, which may have wildcards and policy variables."""

    pattern: str
    ignores_case: bool = False

    @property
    def folded(self) -> str:
        """The pattern in lower case."""
        return self.pattern.lower()


@dataclass(frozen=True)
class Arns:
    """The ARNs that match a pattern field by field."""

    pattern: str


@dataclass(frozen=True)
class Interval:
    """Numbers or times (`kind`) between two bounds; None for no bound."""

    kind: str
    low: Decimal | None
    high: Decimal | None
    has_low: bool = False
    has_high: bool = False


@dataclass(frozen=True)
class Addresses:
    """The IP addresses of a range."""

    network: values.Network


@dataclass(frozen=True)
class Exactly:
    """One Boolean or binary value."""

    value: bool | bytes


@dataclass(frozen=True)
class Unreadable:
    """The unknown set of a value whose type does not match its operator."""

    kind: str
    text: str


ValueSet: TypeAlias = Texts | Arns | Interval | Addresses | Exactly | Unreadable


def literal_pattern(text: str) -> str:
    """Return a pattern that matches a text literally: `*` and `?` are escaped, variables are kept."""
    end = variables_end(text)
    quoted = _WILDCARD_OR_VARIABLE.sub(lambda part: part[0] if part[0][0] == "$" else f"${{{part[0]}}}", text[:end])
    return quoted + _WILDCARD.sub(r"${\g<0>}", text[end:])


def is_within(inner: ValueSet, outer: ValueSet) -> bool:
    """Return whether every value of one set is proved to be in the other."""
    if inner == outer:
        return True
    if isinstance(outer, Texts):
        return _is_within_texts(inner, outer)
    if isinstance(outer, Arns):
        return _is_within_arns(inner, outer)
    if isinstance(inner, Interval) and isinstance(outer, Interval):
        return inner.kind == outer.kind and _begins_in(inner, outer) and _ends_in(inner, outer)
    if isinstance(inner, Addresses) and isinstance(outer, Addresses):
        return values.is_within_network(inner.network, outer.network)
    return False


def are_disjoint(left: ValueSet, right: ValueSet) -> bool:
    """Return whether the sets are proved to have no common value."""
    if isinstance(left, Interval) and isinstance(right, Interval):
        return left.kind == right.kind and (_is_below(left, right) or _is_below(right, left))
    if isinstance(left, Addresses) and isinstance(right, Addresses):
        (version, low, high), (other, begin, end) = left.network, right.network
        return version != other or high < begin or end < low
    if isinstance(left, Exactly) and isinstance(right, Exactly):
        return left != right
    texts, others = _texts(left), _texts(right)
    if texts is None or others is None:
        return False
    if texts.ignores_case or others.ignores_case:
        return not overlaps(texts.folded, others.folded)
    return not overlaps(texts.pattern, others.pattern)


def _texts(value_set: ValueSet) -> Texts | None:
    """Return a superset as Texts, or None: an ARN that matches field by field also matches as text."""
    if isinstance(value_set, Arns):
        has_all_fields = remove_variables(value_set.pattern).count(":") >= ARN_FIELDS - 1
        return Texts(value_set.pattern) if has_all_fields else None
    return value_set if isinstance(value_set, Texts) else None


def _is_within_texts(inner: ValueSet, outer: Texts) -> bool:
    texts = _texts(inner)
    if texts is None:
        return False
    if outer.ignores_case:
        return contains(outer.folded, texts.folded)
    return outer.pattern == "*" if texts.ignores_case else contains(outer.pattern, texts.pattern)


def _is_within_arns(inner: ValueSet, outer: Arns) -> bool:
    """Compare field by field; False with a variable before the fifth colon, since its value may hold colons."""
    if not isinstance(inner, (Arns, Texts)) or (isinstance(inner, Texts) and inner.ignores_case):
        return False
    fields, others = inner.pattern.split(":", ARN_FIELDS - 1), outer.pattern.split(":", ARN_FIELDS - 1)
    if len(fields) < ARN_FIELDS or len(others) < ARN_FIELDS:
        return False
    if any("$" in field for field in (*fields[:-1], *others[:-1])):
        return False
    # A wildcard spans colons in a text, but not in an ARN.
    if isinstance(inner, Texts) and any(OPEN.search(field) for field in fields[:-1]):
        return False
    return all(map(contains, others, fields))


def _begins_in(inner: Interval, outer: Interval) -> bool:
    if outer.low is None:
        return True
    if inner.low is None:
        return False
    return inner.low > outer.low or (inner.low == outer.low and (outer.has_low or not inner.has_low))


def _ends_in(inner: Interval, outer: Interval) -> bool:
    if outer.high is None:
        return True
    if inner.high is None:
        return False
    return inner.high < outer.high or (inner.high == outer.high and (outer.has_high or not inner.has_high))


def _is_below(lower: Interval, upper: Interval) -> bool:
    if lower.high is None or upper.low is None:
        return False
    return lower.high < upper.low or (lower.high == upper.low and not (lower.has_high and upper.has_low))
