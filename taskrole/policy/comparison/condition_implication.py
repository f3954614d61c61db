"""Proves that every request that meets some conditions (inner) meets others (outer).

Each outer test must follow from an inner test on the same key:

- its values: the outer test accepts all values that the inner test accepts. Fewer values are narrower, or more values
  of a negated operator; numbers, dates and addresses are within ranges; an ARN matches its own text.
- its set operator: a test of the only value of a single-valued key is a test of all values.
- the absent key: IfExists, ForAllValues and negated operators accept it, others do not.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.grant import Condition
from taskrole.policy.catalogue.condition_keys import may_be_multivalued
from taskrole.policy.conditions.operators import OPERATORS
from taskrole.policy.conditions.value_sets import ValueSet, are_disjoint, is_within
from taskrole.policy.search_budget import Question, add_given_up, given_up_questions, has_steps_left, take_steps

# The fixed cost of comparing two sets of conditions.
_STEPS = 8
# Stands for all questions about conditions once the budget is used up.
TOO_MANY_CONDITIONS: Question = ("", "")

_IF_EXISTS = "ifexists"
_QUALIFIERS = ("", "forallvalues", "foranyvalue")
_OPERATORS = {name.lower(): operator for name, operator in OPERATORS.items()}


@dataclass(frozen=True)
class KeyTest:
    """One operator on one key; `key` and `qualifier` are in lower case."""

    key: str
    qualifier: str
    if_exists: bool
    negated: bool
    values: tuple[ValueSet, ...]

    @property
    def holds_without_key(self) -> bool | None:
        """Whether an absent key meets the test; None where AWS does not document it."""
        if self.qualifier == "foranyvalue":
            return None if self.if_exists else False
        return self.if_exists or self.qualifier == "forallvalues" or self.negated


@dataclass(frozen=True)
class _NullTest:
    """Whether a key is absent: `wanted` contains True for absent, False for present."""

    key: str
    wanted: frozenset[bool]


@dataclass(frozen=True)
class _OtherTest:
    """A test that is not supported: it implies only itself."""

    key: str
    condition: Condition


ComparedTest: TypeAlias = KeyTest | _NullTest | _OtherTest


def implies(inner: tuple[Condition, ...], outer: tuple[Condition, ...]) -> bool:
    """Return whether every request that meets the inner conditions is proved to meet the outer ones."""
    if not outer or inner == outer:
        return True
    if not has_steps_left():
        add_given_up([TOO_MANY_CONDITIONS])
        return False
    take_steps(_STEPS)
    answer, given_up = _implies(inner, outer)
    add_given_up(given_up)
    return answer


@lru_cache(maxsize=65_536)
def _implies(inner: tuple[Condition, ...], outer: tuple[Condition, ...]) -> tuple[bool, tuple[Question, ...]]:
    """Return the answer and the questions that exceeded their budget; both are cached."""
    tests: dict[str, list[ComparedTest]] = {}
    for test in map(read_test, inner):
        tests.setdefault(test.key, []).append(test)
    with given_up_questions() as given_up:
        answer = all(
            any(_test_implies(test, wanted) for test in tests.get(wanted.key, ())) for wanted in map(read_test, outer)
        )
    return answer, tuple(given_up)


def is_alternative(condition: Condition) -> bool:
    """Return whether a condition with several values is met exactly if a condition with one of them is met."""
    test = read_test(condition)
    if len(condition[2]) < 2 or isinstance(test, _OtherTest):
        return False
    if isinstance(test, _NullTest):
        return True
    return not test.negated and (test.qualifier == "foranyvalue" or (not test.qualifier and _has_one_value(test.key)))


def _has_one_value(key: str) -> bool:
    """Return whether a request has at most one value of a key.

    How an operator without ForAllValues or ForAnyValue evaluates several values is not documented.
    """
    return not may_be_multivalued(key)


@lru_cache(maxsize=65_536)
def read_test(condition: Condition) -> ComparedTest:
    """Return a condition as a test of its key."""
    name, key, values = condition[0].lower(), condition[1].lower(), condition[2]
    if name == "null" and values and {value.lower() for value in values} <= {"true", "false"}:
        return _NullTest(key, frozenset(value.lower() == "true" for value in values))
    qualifier, _, rest = name.rpartition(":")
    operator = _OPERATORS.get(rest.removesuffix(_IF_EXISTS))
    if operator is None or not values or qualifier not in _QUALIFIERS or (":" in name and not qualifier):
        return _OtherTest(key, (name, key, values))
    sets = tuple(map(operator.values, values))
    return KeyTest(key, qualifier, rest.endswith(_IF_EXISTS), operator.negated, sets)


def _test_implies(inner: ComparedTest, outer: ComparedTest) -> bool:
    if inner.key != outer.key or inner == outer:
        return inner == outer
    if isinstance(inner, KeyTest) and isinstance(outer, KeyTest):
        return _key_test_implies(inner, outer)
    if isinstance(inner, _NullTest) and isinstance(outer, _NullTest):
        return inner.wanted <= outer.wanted
    if isinstance(inner, _NullTest) and isinstance(outer, KeyTest):
        return inner.wanted == {True} and outer.holds_without_key is True
    if isinstance(inner, KeyTest) and isinstance(outer, _NullTest):
        return False in outer.wanted and inner.holds_without_key is False
    return False


def _key_test_implies(inner: KeyTest, outer: KeyTest) -> bool:
    without_key = inner.holds_without_key is False or outer.holds_without_key is True
    if not without_key and not (inner.holds_without_key is None and outer.holds_without_key is None):
        return False
    if inner.qualifier != outer.qualifier and not _is_all_of_one_value(inner, outer):
        return False
    return _values_imply(inner, outer)


def _is_all_of_one_value(inner: KeyTest, outer: KeyTest) -> bool:
    """Return whether the outer test is for all values and the inner test for the only value of a key."""
    return (inner.qualifier, outer.qualifier) == ("", "forallvalues") and _has_one_value(inner.key)


def _values_imply(inner: KeyTest, outer: KeyTest) -> bool:
    """Return whether a value that meets the inner test is proved to meet the outer one."""
    if not inner.negated and not outer.negated:
        return all(any(is_within(value, wanted) for wanted in outer.values) for value in inner.values)
    if inner.negated and outer.negated:
        # A value that matches no inner value matches no outer value, if each outer value is within an inner value.
        return all(any(is_within(value, shut) for shut in inner.values) for value in outer.values)
    if inner.negated or (not inner.qualifier and not _has_one_value(inner.key)):
        return False
    return all(are_disjoint(value, shut) for value in inner.values for shut in outer.values)
