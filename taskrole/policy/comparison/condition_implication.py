"""Conditions held against one another: whether every request that meets these meets those too.

More conditions are narrower. Of one operator and key, fewer values are narrower, or more where the operator is a
negated one. Beyond that a few operators take in others: StringEquals is StringLike of the same text, both are what
their IfExists forms are, and addresses are within networks. What is not proved is not so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from taskrole.grant import Condition
from taskrole.policy.patterns import contains

_IF_EXISTS = "ifexists"


@dataclass(frozen=True)
class _Test:
    """One operator on one key, in lower case, of its parts; any one of the values will do, or none where negated."""

    qualifier: str
    operator: str
    if_exists: bool
    key: str
    values: frozenset[str]


@lru_cache(maxsize=65_536)
def implies(inner: tuple[Condition, ...], outer: tuple[Condition, ...]) -> bool:
    """Tell whether every request that meets the inner conditions is proved to meet the outer ones."""
    if not outer or inner == outer:
        return True
    tests = [_test(one) for one in inner]
    return all(any(_one_implies(test, wanted) for test in tests) for wanted in map(_test, outer))


def is_alternative(condition: Condition) -> bool:
    """Tell whether a condition on several values is met exactly where one of the values alone is met."""
    test = _test(condition)
    return len(test.values) > 1 and test.qualifier in ("", "foranyvalue") and not _is_negated(test.operator)


def _test(condition: Condition) -> _Test:
    operator, key, values = condition
    qualifier, colon, rest = operator.lower().rpartition(":")
    if_exists = rest.endswith(_IF_EXISTS)
    return _Test(qualifier if colon else "", rest.removesuffix(_IF_EXISTS), if_exists, key.lower(), frozenset(values))


def _is_negated(operator: str) -> bool:
    return "not" in operator


def _one_implies(inner: _Test, outer: _Test) -> bool:
    if inner.key != outer.key or inner.qualifier != outer.qualifier or (inner.if_exists and not outer.if_exists):
        return False
    within = _WITHIN.get((inner.operator, outer.operator), _same if inner.operator == outer.operator else None)
    if within is None:
        return False
    if _is_negated(inner.operator):
        # It fits none of the inner values: so none of the outer ones, if each of these is within one of those.
        return all(any(within(value, shut) for shut in inner.values) for value in outer.values)
    return all(any(within(value, wanted) for wanted in outer.values) for value in inner.values)


def _same(value: str, wanted: str) -> bool:
    return value == wanted


def _same_ignoring_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


def _like(value: str, wanted: str) -> bool:
    return contains(wanted, value)


def _arn_like(value: str, wanted: str) -> bool:
    """Tell whether an ARN's pattern is within another, part by part: no wildcard spans the first five colons."""
    if value == wanted:
        return True
    one, other = value.split(":", 5), wanted.split(":", 5)
    if len(one) < 6 or len(other) < 6 or "$" in value or "$" in wanted:
        return False
    return all(map(contains, other, one))


def _within_network(value: str, wanted: str) -> bool:
    if value == wanted:
        return True
    try:
        one, other = ipaddress.ip_network(value, strict=False), ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


_ARNS = ("arnequals", "arnlike")
_NO_ARNS = ("arnnotequals", "arnnotlike")

# For pairs of an inner and an outer operator: when is a value within another. Of the negated ones the outer operator's
# value has to be within the inner one's.
_WITHIN: dict[tuple[str, str], Callable[[str, str], bool]] = {
    ("stringequals", "stringlike"): _like,
    ("stringlike", "stringlike"): _like,
    ("stringnotlike", "stringnotlike"): _like,
    ("stringnotlike", "stringnotequals"): _like,
    ("stringequals", "stringequalsignorecase"): _same_ignoring_case,
    ("stringequalsignorecase", "stringequalsignorecase"): _same_ignoring_case,
    ("stringnotequalsignorecase", "stringnotequalsignorecase"): _same_ignoring_case,
    ("stringnotequalsignorecase", "stringnotequals"): _same_ignoring_case,
    ("ipaddress", "ipaddress"): _within_network,
    ("notipaddress", "notipaddress"): _within_network,
    **{(inner, outer): _arn_like for inner in _ARNS for outer in _ARNS},
    **{(inner, outer): _arn_like for inner in _NO_ARNS for outer in _NO_ARNS},
}
