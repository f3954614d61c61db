"""Tests conditions that imply others: a table, and a proof by every context of a key."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.grant import conditions_of
from taskrole.policy.comparison.condition_implication import implies, is_alternative
from taskrole.policy.conditions.compile import compile_conditions
from taskrole.policy.evaluation.request import ContextKeys, Request
from tests.amount import amount


@pytest.mark.parametrize(
    ("inner", "outer", "implied"),
    [
        ({"ArnLike": {"k": "arn:aws:ecs:r:1:*"}}, {"ArnLike": {"k": "arn:aws:ecs:*:1:*"}}, True),
        # A wildcard of an ARN's first five parts ends at the colon, so plain containment is no proof.
        ({"ArnLike": {"k": "arn:aws:ecs:r:1:x:y"}}, {"ArnLike": {"k": "arn:aws:ecs:*:y"}}, False),
        ({"ArnEquals": {"k": "arn:aws:ecs:r:1:x"}}, {"ArnLike": {"k": "arn:aws:ecs:r:1:?"}}, True),
        ({"ArnNotLike": {"k": "arn:aws:ecs:*:1:*"}}, {"ArnNotEquals": {"k": "arn:aws:ecs:r:1:*"}}, True),
        ({"StringNotLike": {"k": "a*"}}, {"StringNotEquals": {"k": "ab"}}, True),
        ({"StringNotEquals": {"k": "ab"}}, {"StringNotLike": {"k": "a*"}}, False),
        ({"NotIpAddress": {"k": "10.0.0.0/8"}}, {"NotIpAddress": {"k": "10.1.0.0/16"}}, True),
        ({"IpAddress": {"k": "2001:db8::/40"}}, {"IpAddress": {"k": "2001:db8::/32"}}, True),
        ({"IpAddress": {"k": "2001:db8::/40"}}, {"IpAddress": {"k": "0.0.0.0/0"}}, False),
        ({"IpAddress": {"k": "x"}}, {"IpAddress": {"k": "10.0.0.0/8"}}, False),
        ({"Null": {"k": "true"}}, {"Null": {"k": ["true", "false"]}}, True),
        ({"StringEqualsIfExists": {"k": "a"}}, {"StringEquals": {"k": "a"}}, False),
        ({"stringequals": {"K": "a"}}, {"StringEquals": {"k": "a"}}, True),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {"ForAllValues:StringEquals": {"k": ["a", "b"]}}, True),
    ],
)
def test_a_condition_implies_another(inner, outer, implied: bool) -> None:
    assert implies(conditions_of(inner), conditions_of(outer)) is implied


TAG = "aws:PrincipalTag/team"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:topic"


@pytest.mark.parametrize(
    ("inner", "outer", "implied"),
    [
        # An ARN matches its own text; a text matches an ARN if its first five fields are plain.
        ({"ArnLike": {"k": "arn:aws:sns:*:1:t*"}}, {"StringLike": {"k": "arn:aws:sns:*:1:t*"}}, True),
        ({"ArnEquals": {"k": "arn:aws:sns:*:1:t*"}}, {"StringLike": {"k": "arn:aws:sns:*"}}, True),
        ({"StringNotLike": {"k": "arn:aws:sns:*"}}, {"ArnNotLike": {"k": "arn:aws:sns:*:1:t*"}}, True),
        ({"ArnLike": {"k": "arn:aws:sns"}}, {"StringLike": {"k": "arn:aws:sns"}}, False),
        ({"StringLike": {"k": "arn:aws:sns:*:1:t*"}}, {"ArnLike": {"k": "arn:aws:sns:*:1:t*"}}, False),
        ({"StringEquals": {"k": TOPIC}}, {"ArnLike": {"k": "arn:aws:sns:*:*:t?pic"}}, True),
        ({"StringEqualsIgnoreCase": {"k": TOPIC}}, {"ArnLike": {"k": TOPIC}}, False),
        # StringLike without wildcards is StringEquals, and a literal wildcard is plain text.
        ({"StringLike": {"k": "a"}}, {"StringEquals": {"k": "a"}}, True),
        ({"StringNotLike": {"k": "a"}}, {"StringNotEquals": {"k": "a"}}, True),
        ({"StringLike": {"k": "a*"}}, {"StringEquals": {"k": "a*"}}, False),
        ({"StringEquals": {"k": "a*"}}, {"StringLike": {"k": "a?"}}, True),
        ({"StringLike": {"k": "a${*}"}}, {"StringEquals": {"k": "a*"}}, True),
        ({"StringEqualsIgnoreCase": {"k": "a"}}, {"StringEquals": {"k": "a"}}, False),
        ({"StringEqualsIgnoreCase": {"k": "a"}}, {"StringLike": {"k": "*"}}, True),
        # Numbers and dates are compared by value, whatever their spelling.
        ({"NumericLessThan": {"k": "5"}}, {"NumericLessThan": {"k": "9"}}, True),
        ({"NumericLessThan": {"k": "9"}}, {"NumericLessThan": {"k": "5"}}, False),
        ({"NumericLessThanEquals": {"k": "5"}}, {"NumericLessThan": {"k": "5.0"}}, False),
        ({"NumericLessThan": {"k": "5"}}, {"NumericLessThanEquals": {"k": "5.0"}}, True),
        ({"NumericEquals": {"k": ["5", "7"]}}, {"NumericGreaterThan": {"k": "4"}}, True),
        ({"NumericEquals": {"k": "10"}}, {"NumericEquals": {"k": "10.0"}}, True),
        ({"NumericLessThan": {"k": "5"}}, {"NumericNotEquals": {"k": "5"}}, True),
        ({"NumericLessThan": {"k": "five"}}, {"NumericLessThan": {"k": "9"}}, False),
        ({"NumericLessThan": {"k": "five"}}, {"NumericLessThan": {"k": ["five", "9"]}}, True),
        ({"NumericLessThan": {"k": "5"}}, {"DateLessThan": {"k": "9"}}, False),
        ({"DateLessThan": {"k": "2026-01-01"}}, {"DateLessThan": {"k": "2026-01-01T00:00:00+01:00"}}, False),
        ({"DateLessThan": {"k": "2026-01-01"}}, {"DateLessThan": {"k": "2026-01-01T00:00:00-01:00"}}, True),
        ({"DateGreaterThan": {"k": "2027-01-01"}}, {"DateNotEquals": {"k": "2026-01-01"}}, True),
        ({"Bool": {"k": "True"}}, {"Bool": {"k": "true"}}, True),
        ({"BinaryEquals": {"k": "QUI="}}, {"BinaryEquals": {"k": ["QUI=", "QUM="]}}, True),
        ({"StringEquals": {"k": "a"}}, {"StringNotLike": {"k": "b*"}}, True),
        ({"StringEquals": {"k": "b"}}, {"StringNotLike": {"k": "b*"}}, False),
        # An absent key meets negated operators, IfExists and ForAllValues; no other.
        ({"StringNotEqualsIfExists": {"k": "a"}}, {"StringNotEquals": {"k": "a"}}, True),
        ({"StringNotEquals": {"k": "a"}}, {"StringNotEqualsIfExists": {"k": "a"}}, True),
        ({"ForAllValues:StringEqualsIfExists": {"k": "a"}}, {"ForAllValues:StringEquals": {"k": "a"}}, True),
        ({"ForAnyValue:StringNotEqualsIfExists": {"k": "a"}}, {"ForAnyValue:StringNotEquals": {"k": "a"}}, False),
        ({"ForAnyValue:StringEqualsIfExists": {"k": "a"}}, {"ForAnyValue:StringLikeIfExists": {"k": "a*"}}, True),
        ({"StringEquals": {"k": "a"}}, {"Null": {"k": "false"}}, True),
        ({"ForAnyValue:StringNotEquals": {"k": "a"}}, {"Null": {"k": False}}, True),
        ({"StringNotEquals": {"k": "a"}}, {"Null": {"k": "false"}}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {"Null": {"k": "false"}}, False),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {"Null": {"k": "false"}}, False),
        ({"StringEquals": {"k": "a"}}, {"Null": {"k": "true"}}, False),
        ({"Null": {"k": "true"}}, {"StringEqualsIfExists": {"k": "a"}}, True),
        ({"Null": {"k": "true"}}, {"StringNotEquals": {"k": "a"}}, True),
        ({"Null": {"k": "true"}}, {"StringEquals": {"k": "a"}}, False),
        # A single value is all values of a key with a single value.
        ({"StringEquals": {TAG: "a"}}, {"ForAllValues:StringEquals": {TAG: ["a", "b"]}}, True),
        ({"StringNotEquals": {TAG: ["a", "b"]}}, {"ForAllValues:StringNotEquals": {TAG: "a"}}, True),
        ({"StringEquals": {"aws:TagKeys": "a"}}, {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, False),
        ({"StringEquals": {"saml:group": "a"}}, {"ForAllValues:StringEquals": {"saml:group": "a"}}, False),
        ({"ForAllValues:StringEquals": {TAG: "a"}}, {"StringEquals": {TAG: "a"}}, False),
        ({"StringEquals": {TAG: "a"}}, {"ForAnyValue:StringEquals": {TAG: "a"}}, False),
        # A variable is equal to itself, and without a default it is within the variable with a default.
        ({"StringEquals": {"k": "${aws:x}"}}, {"StringEquals": {"k": "${AWS:X, 'd'}"}}, True),
        ({"StringEquals": {"k": "${aws:x, 'd'}"}}, {"StringEquals": {"k": "${aws:x}"}}, False),
        ({"StringNotEquals": {"k": "${aws:x, 'd'}"}}, {"StringNotEquals": {"k": "${aws:x}"}}, True),
        ({"StringNotEquals": {"k": "${aws:x}"}}, {"StringNotEquals": {"k": "${aws:x, 'd'}"}}, False),
        ({"StringEquals": {"k": "a"}}, {"StringNotEquals": {"k": "${aws:x}"}}, False),
        # An unknown operator implies only itself.
        ({"StringNear": {"k": "a"}}, {"StringNear": {"k": "a"}}, True),
        ({"StringNear": {"k": "a"}}, {"StringNear": {"k": ["a", "b"]}}, False),
        ({"StringEquals": {"k": []}}, {"StringEquals": {"k": "a"}}, False),
    ],
)
def test_a_narrower_condition_implies_a_wider_one(inner, outer, implied: bool) -> None:
    assert implies(conditions_of(inner), conditions_of(outer)) is implied


@pytest.mark.parametrize(
    ("operator", "key", "expected"),
    [
        ("StringEquals", TAG, True),
        ("StringLikeIfExists", TAG, True),
        ("StringNotEquals", TAG, False),
        ("ForAllValues:StringEquals", TAG, False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", True),
        ("StringEquals", "aws:TagKeys", False),
        ("StringNear", TAG, False),
    ],
)
def test_a_condition_with_two_values_is_two_alternatives(operator, key, expected) -> None:
    assert is_alternative((operator, key, ("a", "b"))) is expected
    assert not is_alternative((operator, key, ("a",)))


# Of each kind: operators, values of the policy, values of the request.
KINDS = {
    "text": (
        [
            *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
            *("StringLike", "StringNotLike"),
        ],
        ["a", "A", "ab", "a*", "?", "*", "", "${aws:x}", "${aws:x, 'a'}", "${aws:x, 'A'}", "a${aws:y}*", "${*}"],
        ["a", "A", "ab", "b", "", "*", "ax"],
    ),
    "arn": (
        ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike", "StringNotLike", "StringEquals"],
        [
            *("arn:aws:s:*:1:t", "arn:aws:s:r:1:*", "arn:aws:s:r:1:t", "arn:aws:s:*", "*", "arn:aws:s:r:1:${aws:x}"),
            *("arn:aws:s", "arn:aws:s:${aws:x}:1:t", "arn:aws:?:r:1:t:u"),
        ],
        ["arn:aws:s:r:1:t", "arn:aws:s:r:1:t:u", "arn:aws:s:q:1:t", "arn:aws:s:r:1:a", "t", "arn:aws:s:a:1:t"],
    ),
    "number": (
        [f"Numeric{name}" for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals")]
        + ["NumericGreaterThan", "NumericGreaterThanEquals"],
        ["1", "1.0", "2", "3", "ten"],
        ["0", "1", "1.5", "2", "3", "4", "ten"],
    ),
    "date": (
        [f"Date{name}" for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals")]
        + ["DateGreaterThan", "DateGreaterThanEquals"],
        ["2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "2027-01-01", "2026"],
        ["2025-01-01", "2026-01-01T01:00:00+01:00", "2026-06-01", "2027-01-01", "2028-01-01", "soon"],
    ),
    "address": (
        ["IpAddress", "NotIpAddress"],
        ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "10.0.0.0/255.0.0.0", "2001:db8::/32", "::/0", "x"],
        ["10.1.2.3", "10.1.0.1", "10.2.0.1", "11.0.0.1", "2001:db8::1", "x"],
    ),
    "exact": (["Bool", "BinaryEquals"], ["true", "True", "false", "QUI=", "x"], ["true", "TRUE", "false", "QUI="]),
}


@st.composite
def key_tests(draw, kind: str):
    operators, values, _ = KINDS[kind]
    if draw(st.integers(0, 9)) == 0:
        return ("Null", "aws:k", tuple(sorted(draw(st.sets(st.sampled_from(["true", "false"]), min_size=1)))))
    qualifier = draw(st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]))
    suffix = draw(st.sampled_from(["", "", "IfExists"]))
    chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
    return (f"{qualifier}{draw(st.sampled_from(operators))}{suffix}", "aws:k", tuple(sorted(chosen)))


def contexts(kind: str):
    """Return every context with no, one or two values of the key, and no, one or another value of the variable."""
    given = KINDS[kind][2]
    several = [(), *((value,) for value in given), *itertools.combinations(given, 2), ("", given[0])]
    for values, x in itertools.product(several, [(), ("a",), ("A",), ("r:q",)]):
        yield {"aws:k": values, "aws:x": x, "aws:y": x}


def holds(condition, context):
    operator, key, values = condition
    [test] = compile_conditions({operator: {key: list(values)}}, variables=True)
    return test.holds(ContextKeys(Request("s3:GetObject", "*", context, complete=True)))


@settings(max_examples=amount(300))
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_every_context_that_meets_the_inner_condition_meets_the_outer(data, kind) -> None:
    inner, outer = data.draw(key_tests(kind)), data.draw(key_tests(kind))
    if not implies((inner,), (outer,)):
        return

    for context in contexts(kind):
        met, wanted = holds(inner, context), holds(outer, context)
        if met is True:
            assert wanted is True, context
        # An unknown inner condition may match, unless the key cannot have two values without a set operator.
        elif met is not False and (":" in inner[0] or len(context["aws:k"]) < 2):
            assert wanted is not False, context


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_operator_implies_itself_and_related_operators(kind) -> None:
    # given: pairs with one value each; some but not all imply one another, so the property above is not vacuous
    operators, values, _ = KINDS[kind]
    tests = [(operator, "aws:k", (value,)) for operator in operators for value in values]
    implied = sum(implies((inner,), (outer,)) for inner in tests for outer in tests)

    assert all(implies((test,), (test,)) for test in tests)
    assert len(tests) < implied < len(tests) ** 2 / 2
