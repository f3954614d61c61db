"""The Condition block of a statement: every operator and key must match; for each key, one matching value is enough.

    {"StringEquals": {"aws:SourceAccount": ["111122223333", "444455556666"]}}     one of the two
    {"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}                 neither; true if the key is absent
    {"StringLikeIfExists": {"ec2:InstanceType": "t3.*"}}                          true if the key is absent
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}              no other; true if there are none
    {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}                         at least one
    {"Null": {"aws:TokenIssueTime": "true"}}                                      the key is absent

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.policy.conditions.operators import OPERATORS, Matcher
from taskrole.policy.conditions.three_valued import Truth, Unknown, all_of, any_of, negate
from taskrole.policy.evaluation.request import ContextKeys

IF_EXISTS = "IfExists"
LARGEST_NUMBER = 10**18

Qualifier = Literal["", "ForAllValues", "ForAnyValue"]


@dataclass(frozen=True)
class ConditionTest:
    """One operator on one key; `key` is in lower case, `matchers` are the policy's values."""

    operator: str
    key: str
    matchers: tuple[Matcher, ...]
    negated: bool
    qualifier: Qualifier = ""
    if_exists: bool = False

    def holds(self, keys: ContextKeys) -> Truth:
        """Return whether the request meets this test."""
        values = keys.values(self.key)
        if values is None:
            return _not_known(self.key, self.operator)
        if not values:
            return self._holds_without_key()
        if self.qualifier and values == ("",):
            return self.qualifier == "ForAllValues"  # "a null dataset, such as an empty string"
        if self.qualifier:
            combine = all_of if self.qualifier == "ForAllValues" else any_of
            return combine(self._value_holds(value, keys) for value in values)
        if len(values) > 1:
            return Unknown(f"{self.operator} without ForAllValues or ForAnyValue meets several values of {self.key!r}")
        return self._value_holds(values[0], keys)

    def _holds_without_key(self) -> Truth:
        if self.qualifier == "ForAnyValue" and self.if_exists:
            # For an absent key, IfExists is true and ForAnyValue false; AWS does not document which takes precedence.
            return Unknown(f"{self.operator} tests {self.key!r}, which is absent")
        return self.if_exists or self.qualifier == "ForAllValues" or (self.negated and not self.qualifier)

    def _value_holds(self, value: str, keys: ContextKeys) -> Truth:
        matched = any_of(matcher(value, keys) for matcher in self.matchers)
        return negate(matched) if self.negated else matched


@dataclass(frozen=True)
class NullTest:
    """Whether a key is absent: `wanted` contains True for absent, False for present."""

    key: str
    wanted: frozenset[bool]

    def holds(self, keys: ContextKeys) -> Truth:
        """Return whether the request meets this test."""
        values = keys.values(self.key)
        return _not_known(self.key, "Null") if values is None else (not values) in self.wanted


@dataclass(frozen=True)
class BrokenTest:
    """A condition that IAM would reject or that is not supported here: its result is always unknown."""

    why: str

    def holds(self, _: ContextKeys) -> Truth:
        """Return Unknown with the reason."""
        return Unknown(self.why)


CompiledCondition: TypeAlias = ConditionTest | NullTest | BrokenTest


def compile_conditions(block: object, *, variables: bool) -> tuple[CompiledCondition, ...]:
    """Return the tests of a Condition block, all of which must hold; never raises, even for a malformed block.

    `variables` is True if the policy's version supports policy variables.
    """
    if not isinstance(block, Mapping):
        return (BrokenTest(f"Condition must be an object; got {type(block).__name__}"),)
    tests: list[CompiledCondition] = []
    for operator, pairs in block.items():
        if isinstance(pairs, Mapping):
            tests.extend(_compile(operator, key, values, variables=variables) for key, values in pairs.items())
        else:
            tests.append(BrokenTest(f"Condition {_name(operator)} must hold keys; got {type(pairs).__name__}"))
    return tuple(tests)


def _compile(operator: object, key: object, given: object, *, variables: bool) -> CompiledCondition:
    if not isinstance(operator, str) or not isinstance(key, str):
        return BrokenTest("operators and keys of a Condition must be text")
    values = _values(given)
    if values is None:
        return BrokenTest(f"values of {_name(key)} must be text, numbers or Booleans, and at least one")
    if operator == "Null":
        return _compile_null(key, values)
    qualifier, base, if_exists = _parse(operator)
    if base not in OPERATORS:
        return BrokenTest(f"condition operator {_name(operator)} is not known")
    known = OPERATORS[base]
    matchers = tuple(known.matcher(value, variables=variables) for value in values)
    return ConditionTest(operator, key.lower(), matchers, known.negated, qualifier, if_exists)


def _compile_null(key: str, values: tuple[str, ...]) -> CompiledCondition:
    wanted = frozenset(value.lower() for value in values)
    if not wanted <= {"true", "false"}:
        return BrokenTest(f"Null of {_name(key)} must be true or false")
    return NullTest(key.lower(), frozenset(value == "true" for value in wanted))


def _parse(operator: str) -> tuple[Qualifier, str, bool]:
    qualifier: Qualifier = ""
    base = operator
    if operator.startswith("ForAllValues:"):
        qualifier, base = "ForAllValues", operator[len("ForAllValues:") :]
    elif operator.startswith("ForAnyValue:"):
        qualifier, base = "ForAnyValue", operator[len("ForAnyValue:") :]
    if base.endswith(IF_EXISTS):
        return qualifier, base[: -len(IF_EXISTS)], True
    return qualifier, base, False


def _values(given: object) -> tuple[str, ...] | None:
    """Return a condition's values as text, or None if they are not valid condition values."""
    texts = [_text(value) for value in (given if isinstance(given, (list, tuple)) else [given])]
    values = tuple(text for text in texts if text is not None)
    return values if values and len(values) == len(texts) else None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)) and -LARGEST_NUMBER < value < LARGEST_NUMBER:
        return str(value)
    return None


def _name(value: object) -> str:
    return quote(value) if isinstance(value, str) else type(value).__name__


def _not_known(key: str, operator: str) -> Unknown:
    return Unknown(f"{operator} tests {key!r}, which is not known for the request")
