"""Tests condition blocks: operators, set qualifiers, absent keys, and unknown results.

Cases follow the tables and examples of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrole.policy.conditions.compile import compile_conditions
from taskrole.policy.conditions.operators import OPERATORS
from taskrole.policy.conditions.three_valued import Unknown, all_of
from taskrole.policy.evaluation.request import ContextKeys, Request

YES, NO, OPEN = True, False, None


def holds(block, context=(), *, complete=True, variables=True):
    """Return True or False, or None if it is unknown."""
    keys = ContextKeys(Request("s3:GetObject", "*", dict(context), complete))
    verdict = all_of(test.holds(keys) for test in compile_conditions(block, variables=variables))
    return None if isinstance(verdict, Unknown) else verdict


# Operator, the policy's value, the request's value.
ONE_VALUE = [
    ("StringEquals", "john", "john", YES),
    ("StringEquals", "john", "John", NO),
    ("StringEquals", "jo*", "john", NO),
    ("StringEquals", "jo*", "jo*", YES),
    ("StringNotEquals", "john", "John", YES),
    ("StringNotEquals", "john", "john", NO),
    ("StringEqualsIgnoreCase", "john", "JOHN", YES),
    ("StringEqualsIgnoreCase", "joh", "JOHN", NO),
    ("StringNotEqualsIgnoreCase", "john", "JOHN", NO),
    ("StringLike", "home/*", "home/", YES),
    ("StringLike", "home/?", "home/", NO),
    ("StringLike", "Home/*", "home/a", NO),
    ("StringLike", "", "", YES),
    ("StringNotLike", "home/*", "home/a", NO),
    ("StringNotLike", "home/*", "a", YES),
    ("NumericEquals", "10", "10.0", YES),
    ("NumericEquals", 10, "10", YES),
    ("NumericEquals", 1.5, "1.50", YES),
    ("NumericNotEquals", "10", "10.0", NO),
    ("NumericNotEquals", "10", "11", YES),
    ("NumericLessThan", "10", "9", YES),
    ("NumericLessThan", "10", "10", NO),
    ("NumericLessThanEquals", "10", "10", YES),
    ("NumericLessThanEquals", "10", "11", NO),
    ("NumericGreaterThan", "10", "9", NO),
    ("NumericGreaterThan", "10", "100", YES),
    ("NumericGreaterThanEquals", "10", "10", YES),
    ("NumericGreaterThanEquals", "-10", "-11", NO),
    ("NumericEquals", "ten", "10", OPEN),
    ("NumericEquals", "10", "ten", OPEN),
    ("NumericEquals", "nan", "nan", OPEN),
    ("NumericEquals", "1_0", "10", OPEN),
    ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", YES),
    ("DateEquals", "2026-01-01", "2026-01-01T00:00Z", YES),
    ("DateEquals", "2026-01", "2026-01-01", YES),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00.0Z", YES),
    ("DateEquals", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.50Z", YES),
    ("DateNotEquals", "2026-01-01", "2026-01-01T00:00:00Z", NO),
    ("DateLessThan", "2026-06-30T23:59:59Z", "2026-06-30T23:59:58Z", YES),
    ("DateLessThan", "2026-06-30T23:59:59Z", "2026-06-30T23:59:59Z", NO),
    ("DateLessThan", "2026-06-30T23:59:59.25Z", "2026-06-30T23:59:59.2Z", YES),
    ("DateLessThanEquals", "2026-06-30T23:59:59Z", "2026-06-30T23:59:59Z", YES),
    ("DateGreaterThan", "2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z", NO),
    ("DateGreaterThan", "2026-01-01T00:00:01Z", "2026-01-01T00:00:02-01:00", YES),
    ("DateGreaterThanEquals", "2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z", YES),
    ("DateGreaterThan", "2026", "2026-01-01T00:00:01Z", OPEN),  # a year, or a quarter past midnight in 1970
    ("DateGreaterThan", "2026-01-00", "2026-01-01T00:00:01Z", OPEN),
    ("DateGreaterThan", "2026-13-01", "2026-01-01T00:00:01Z", OPEN),
    ("DateGreaterThan", "2026-01-01T24:00Z", "2026-01-01T00:00:01Z", OPEN),
    ("DateGreaterThan", "2026-01-01T00:00:00", "2026-01-01T00:00:01Z", OPEN),  # no zone
    ("DateGreaterThan", "2026-*", "2026-01-01T00:00:01Z", OPEN),
    ("Bool", "false", "false", YES),
    ("Bool", "false", "true", NO),
    ("Bool", False, "False", YES),
    ("Bool", True, "false", NO),
    ("Bool", "no", "false", OPEN),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", YES),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5", NO),
    ("BinaryEquals", "not base64", "QmluYXJ5", OPEN),
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", YES),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", NO),
    ("IpAddress", "203.0.113.7", "203.0.113.7", YES),
    ("IpAddress", "203.0.113.7", "203.0.113.8", NO),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", YES),
    ("IpAddress", "2001:DB8:1234:5678::/64", "203.0.113.7", NO),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", NO),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", YES),
    ("IpAddress", "::/0", "203.0.113.7", NO),
    ("IpAddress", "203.0.113.0/33", "203.0.113.7", OPEN),
    ("IpAddress", "203.0.113.0/255.255.255.0", "203.0.113.7", OPEN),
    ("IpAddress", "203.0.113.0/24", "ecs.amazonaws.com", OPEN),
    ("ArnLike", "arn:aws:sns:*:111122223333:topic-?", "arn:aws:sns:eu-west-1:111122223333:topic-1", YES),
    ("ArnEquals", "arn:aws:sns:*:111122223333:topic-?", "arn:aws:sns:eu-west-1:111122223333:topic-1", YES),
    ("ArnLike", "arn:aws:ecs:eu-west-1:111122223333:*", "arn:aws:ecs:eu-west-1:111122223333:task/a/b", YES),
    ("ArnLike", "arn:aws:SNS:*:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:t", NO),
    ("ArnNotLike", "arn:aws:sns:*:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:t", NO),
    ("ArnNotEquals", "arn:aws:sns:*:111122223333:t", "arn:aws:sns:eu-west-1:444455556666:t", YES),
    ("ArnLike", "arn:aws:sns:*:111122223333:t", "t", NO),
    ("ArnLike", "*", "arn:aws:sns:eu-west-1:111122223333:t", OPEN),
    ("ArnNotLike", "arn:aws:sns:*", "arn:aws:sns:eu-west-1:111122223333:t", OPEN),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), ONE_VALUE)
def test_an_operator_compares_a_value(operator, wanted, given, expected) -> None:
    assert holds({operator: {"aws:Key": wanted}}, {"aws:key": given}) is expected


def test_string_like_matches_across_colons_and_arn_like_does_not() -> None:
    # given: an example of AWS
    pattern = "arn:aws:someservice:*:111122223333:finance/*"
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"

    assert holds({"StringLike": {"aws:SourceArn": pattern}}, {"aws:SourceArn": value}) is YES
    assert holds({"ArnLike": {"aws:SourceArn": pattern}}, {"aws:SourceArn": value}) is NO


NEGATED = sorted(name for name, operator in OPERATORS.items() if operator.negated)
VALUE = {"S": "a", "N": "1", "D": "2026-01-01", "B": "true", "I": "10.0.0.0/8", "A": "arn:aws:s3:::b"}


def a_value(operator: str) -> str:
    return VALUE["I"] if operator == "NotIpAddress" else VALUE[operator[0]]


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_an_absent_key_matches_nothing(operator) -> None:
    # given: an absent key; then: only negated operators match
    wanted = {"aws:Key": "QUJD" if operator == "BinaryEquals" else a_value(operator)}

    assert holds({operator: wanted}) is (operator in NEGATED)
    assert holds({f"{operator}IfExists": wanted}) is YES
    assert holds({f"ForAllValues:{operator}": wanted}) is YES
    assert holds({f"ForAnyValue:{operator}": wanted}) is NO
    # IfExists is true of an absent key, ForAnyValue is false of it, and no page says which of the two applies.
    assert holds({f"ForAnyValue:{operator}IfExists": wanted}) is OPEN
    assert holds({operator: wanted}, complete=False) is OPEN
    assert holds({operator: wanted}, {"aws:key": ()}, complete=False) is (operator in NEGATED)


# The block, the context, whether it is complete.
BLOCKS = [
    ({}, {}, YES),
    ({"StringEquals": {}}, {}, YES),
    ({"StringEquals": {"a:a": ["x", "y"]}}, {"a:a": "y"}, YES),
    ({"StringEquals": {"a:a": ["x", "y"]}}, {"a:a": "z"}, NO),
    ({"StringNotEquals": {"a:a": ["x", "y"]}}, {"a:a": "y"}, NO),
    ({"StringNotEquals": {"a:a": ["x", "y"]}}, {"a:a": "z"}, YES),
    ({"StringEquals": {"a:a": "x", "a:b": "y"}}, {"a:a": "x", "a:b": "y"}, YES),
    ({"StringEquals": {"a:a": "x", "a:b": "y"}}, {"a:a": "x", "a:b": "z"}, NO),
    ({"StringEquals": {"a:a": "x"}, "Bool": {"a:b": "true"}}, {"a:a": "x", "a:b": "true"}, YES),
    ({"StringEquals": {"a:a": "x"}, "Bool": {"a:b": "true"}}, {"a:a": "x", "a:b": "false"}, NO),
    ({"StringEquals": {"A:A": "x"}}, {"a:a": "x"}, YES),
    ({"StringEquals": {"a:a": "x"}}, {"A:A": "x"}, YES),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    ({"ForAllValues:StringEquals": {"a:a": ["x", "y"]}}, {"a:a": ("x", "y", "x")}, YES),
    ({"ForAllValues:StringEquals": {"a:a": ["x", "y"]}}, {"a:a": ("x", "z")}, NO),
    ({"ForAnyValue:StringEquals": {"a:a": ["x", "y"]}}, {"a:a": ("z", "y")}, YES),
    ({"ForAnyValue:StringEquals": {"a:a": ["x", "y"]}}, {"a:a": ("z", "w")}, NO),
    ({"ForAnyValue:StringNotEquals": {"a:a": ["x", "y"]}}, {"a:a": ("x", "z")}, YES),
    ({"ForAnyValue:StringNotEquals": {"a:a": ["x", "y"]}}, {"a:a": ("x", "y")}, NO),
    ({"ForAllValues:StringNotEquals": {"a:a": ["x", "y"]}}, {"a:a": ("z", "w")}, YES),
    ({"ForAllValues:StringNotEquals": {"a:a": ["x", "y"]}}, {"a:a": ("z", "x")}, NO),
    ({"ForAllValues:StringLike": {"a:a": "key1*"}}, {"a:a": ("key1-a", "key1-b")}, YES),
    ({"ForAllValues:StringEquals": {"a:a": "x"}}, {"a:a": ""}, YES),  # an empty string is a null dataset
    ({"ForAnyValue:StringEquals": {"a:a": ""}}, {"a:a": ""}, NO),
    ({"ForAllValues:StringEquals": {"a:a": "x"}}, {"a:a": ("x", "")}, NO),
    ({"ForAnyValue:StringEqualsIfExists": {"a:a": "x"}}, {"a:a": ""}, NO),
    ({"ForAnyValue:StringNotEqualsIfExists": {"a:a": "x"}}, {"a:a": ""}, NO),
    ({"ForAllValues:StringEqualsIfExists": {"a:a": "x"}}, {"a:a": ""}, YES),
    ({"StringEquals": {"a:a": "x"}}, {"a:a": ("x",)}, YES),
    ({"StringEquals": {"a:a": "x"}}, {"a:a": ("x", "y")}, OPEN),  # needs a set operator
    ({"StringEquals": {"a:a": "x"}}, {"a:a": "x", "A:A": "y"}, OPEN),
    ({"Null": {"a:a": "true"}}, {}, YES),
    ({"Null": {"a:a": "true"}}, {"a:a": "x"}, NO),
    ({"Null": {"a:a": "false"}}, {}, NO),
    ({"Null": {"a:a": False}}, {"a:a": "x"}, YES),
    ({"Null": {"a:a": "false"}}, {"a:a": ()}, NO),
    ({"Null": {"a:a": ["true", "false"]}}, {}, YES),
    ({"Null": {"a:a": "perhaps"}}, {}, OPEN),
    ({"NullIfExists": {"a:a": "true"}}, {}, OPEN),
    ({"ForAllValues:Null": {"a:a": "true"}}, {}, OPEN),
    # A no decides it, whatever else is unknown.
    ({"StringEquals": {"a:a": "x"}, "StringNear": {"a:a": "x"}}, {"a:a": "y"}, NO),
    ({"StringNear": {"a:a": "x"}, "StringEquals": {"a:a": "x"}}, {"a:a": "y"}, NO),
    ({"StringEquals": {"a:a": "x"}, "StringNear": {"a:a": "x"}}, {"a:a": "x"}, OPEN),
    ({"NumericEquals": {"a:a": ["ten", "10"]}}, {"a:a": "10"}, YES),
    ({"NumericNotEquals": {"a:a": ["ten", "10"]}}, {"a:a": "10"}, NO),
    ({"NumericNotEquals": {"a:a": ["ten", "10"]}}, {"a:a": "9"}, OPEN),
    ({"stringequals": {"a:a": "x"}}, {"a:a": "x"}, OPEN),
    ({"ForallValues:StringEquals": {"a:a": "x"}}, {"a:a": "x"}, OPEN),
    ({"ForAllValues:ForAnyValue:StringEquals": {"a:a": "x"}}, {"a:a": "x"}, OPEN),
    ({"StringEqualsIfExistsIfExists": {"a:a": "x"}}, {"a:a": "x"}, OPEN),
]


@pytest.mark.parametrize(("block", "context", "expected"), BLOCKS)
def test_all_operators_and_keys_must_match_and_any_value(block, context, expected) -> None:
    assert holds(block, context) is expected


@pytest.mark.parametrize(
    "block",
    [
        None,
        "StringEquals",
        [],
        5,
        {"StringEquals": "x"},
        {"StringEquals": None},
        {"StringEquals": ["x"]},
        {"StringEquals": {"a:a": None}},
        {"StringEquals": {"a:a": []}},
        {"StringEquals": {"a:a": {}}},
        {"StringEquals": {"a:a": ["x", None]}},
        {"StringEquals": {"a:a": [["x"]]}},
        {"NumericEquals": {"a:a": float("nan")}},
        {"NumericEquals": {"a:a": 10**5_000}},
        {"Null": {"a:a": None}},
        {5: {"a:a": "x"}},
        {"StringEquals": {5: "x"}},
    ],
)
def test_a_malformed_block_is_unknown(block) -> None:
    assert holds(block, {"a:a": "x"}) is OPEN


def test_an_unknown_operator_is_named() -> None:
    [test] = compile_conditions({"StringNear": {"a:a": "x"}}, variables=True)

    assert test.holds(ContextKeys(Request("a:b", "*"))) == Unknown("condition operator 'StringNear' is not known")


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
VARIABLES = [
    ({"StringEquals": {"a:a": "home/${aws:username}"}}, {"a:a": "home/bob", "aws:username": "bob"}, YES),
    ({"StringEquals": {"a:a": "home/${AWS:UserName}"}}, {"a:a": "home/bob", "aws:username": "bob"}, YES),
    ({"StringEquals": {"a:a": "home/${aws:username}"}}, {"a:a": "home/al", "aws:username": "bob"}, NO),
    ({"StringEqualsIgnoreCase": {"a:a": "Home/${aws:username}"}}, {"a:a": "hOME/bOB", "aws:username": "Bob"}, YES),
    ({"StringEquals": {"a:a": "${aws:userid, 'anonymous'}"}}, {"a:a": "anonymous"}, YES),
    ({"StringEquals": {"a:a": "${aws:userid, 'anonymous'}"}}, {"a:a": "anonymous", "aws:userid": "A"}, NO),
    ({"StringEquals": {"a:a": "${*}${?}${$}"}}, {"a:a": "*?$"}, YES),
    ({"StringLike": {"a:a": "a${*}*"}}, {"a:a": "a*b"}, YES),
    ({"StringLike": {"a:a": "a${*}*"}}, {"a:a": "ab"}, NO),
    ({"StringLike": {"a:a": "${a:b}"}}, {"a:a": "x", "a:b": "*"}, NO),  # a value's star is a star
    ({"StringLike": {"a:a": "${a:b}"}}, {"a:a": "*", "a:b": "*"}, YES),
    ({"StringLike": {"a:a": "${unclosed"}}, {"a:a": "${unclosed"}, YES),
    ({"ArnLike": {"a:a": "arn:aws:s3:::${a:b}/*"}}, {"a:a": "arn:aws:s3:::b/k", "a:b": "b"}, YES),
    ({"ArnLike": {"a:a": "${a:b}"}}, {"a:a": "arn:aws:s3:::b", "a:b": "arn:aws:s3:::b"}, YES),
    ({"ArnNotLike": {"a:a": "${a:b}"}}, {"a:a": "arn:aws:s3:::c", "a:b": "arn:aws:s3:::b"}, YES),
    # The case of a name does not count, that of a default does.
    ({"StringEquals": {"a:a": "${AWS:PrincipalTag/Team, 'Red'}"}}, {"a:a": "Red"}, YES),
    ({"StringEquals": {"a:a": "${aws:PrincipalTag/team, 'red'}"}}, {"a:a": "RED"}, NO),
    # Without a value the variable is null: no value is equal to it or like it.
    ({"StringEquals": {"a:a": ["${a:b}", "x"]}}, {"a:a": "x"}, YES),
    ({"StringEquals": {"a:a": "${a:b}"}}, {"a:a": "x"}, NO),
    ({"StringNotEquals": {"a:a": "${a:b}"}}, {"a:a": "x"}, YES),
    ({"StringNotLike": {"a:a": ["${a:b}*", "x"]}}, {"a:a": "x"}, NO),
    ({"StringNotEquals": {"a:a": "${a:b, 'x'}"}}, {"a:a": "x"}, NO),
    ({"ArnNotLike": {"a:a": "arn:aws:s3:::${a:b}"}}, {"a:a": "arn:aws:s3:::x"}, YES),
    ({"StringEquals": {"a:a": "${a:b}"}}, {"a:a": "x", "a:b": ("x", "y")}, OPEN),
    # Numbers, dates, Booleans and addresses have no variables.
    ({"NumericEquals": {"a:a": "${a:b}"}}, {"a:a": "1", "a:b": "1"}, OPEN),
    ({"Bool": {"a:a": "${a:b}"}}, {"a:a": "true", "a:b": "true"}, OPEN),
]


@pytest.mark.parametrize(("block", "context", "expected"), VARIABLES)
def test_a_variable_is_replaced_by_a_value_of_the_request(block, context, expected) -> None:
    assert holds(block, context) is expected


@pytest.mark.parametrize(
    ("block", "context", "expected"),
    [
        ({"StringEquals": {"a:a": "home/${a:b}/x"}}, {"a:a": "home/bob/x"}, OPEN),
        ({"StringEquals": {"a:a": "home/${a:b}/x"}}, {"a:a": "home/bob/y"}, NO),
        ({"StringEquals": {"a:a": "${a:b, 'd'}"}}, {"a:a": "x"}, OPEN),
        ({"StringNotEquals": {"a:a": "home/${a:b}/x"}}, {"a:a": "y"}, YES),
        ({"StringNotEquals": {"a:a": "home/${a:b}/x"}}, {"a:a": "home/y/x"}, OPEN),
        ({"ArnLike": {"a:a": "arn:aws:s3:::${a:b}/*"}}, {"a:a": "arn:aws:s3:::b/k"}, OPEN),
        ({"ArnLike": {"a:a": "${a:b}"}}, {"a:a": "arn:aws:s3:::b/k"}, OPEN),
        ({"ArnLike": {"a:a": "arn:aws:sns:*:*:${a:b}"}}, {"a:a": "arn:aws:s3:::b/k"}, NO),
        ({"ArnLike": {"a:a": "arn:aws:s3:${a:b}x:y:z"}}, {"a:a": "arn:aws:s3:::x:y:z"}, OPEN),
    ],
)
def test_an_unknown_variable_makes_only_dependent_results_unknown(block, context, expected) -> None:
    assert holds(block, context, complete=False) is expected


def test_an_old_policy_has_no_variables() -> None:
    block = {"StringEquals": {"a:a": "${a:b}"}}

    assert holds(block, {"a:a": "x", "a:b": "x"}, variables=False) is NO
    assert holds(block, {"a:a": "${a:b}", "a:b": "x"}, variables=False) is YES


TEXTS = st.sampled_from(["x", "y", "xy", "x*", "*", "?"])
POSITIVE = st.sampled_from(["StringEquals", "StringLike", "StringEqualsIgnoreCase"])


def set_test(qualifier, operator, wanted, values):
    return holds({f"{qualifier}:{operator}": {"a:a": wanted}}, {"a:a": tuple(values)})


@given(POSITIVE, st.lists(TEXTS, min_size=1), st.lists(TEXTS))
def test_set_operators_obey_de_morgan(operator, wanted, values) -> None:
    # given: values; then: all match if and only if no value does not match
    negative = operator.replace("String", "StringNot")

    assert set_test("ForAllValues", operator, wanted, values) is not set_test("ForAnyValue", negative, wanted, values)
    assert set_test("ForAnyValue", operator, wanted, values) is not set_test("ForAllValues", negative, wanted, values)


@given(POSITIVE, st.lists(TEXTS, min_size=1), st.lists(TEXTS), st.lists(TEXTS))
def test_set_operators_are_all_and_any_over_the_values(operator, wanted, first, others) -> None:
    def result(qualifier, values):
        return set_test(qualifier, operator, wanted, values)

    assert result("ForAllValues", first + others) is (result("ForAllValues", first) and result("ForAllValues", others))
    assert result("ForAnyValue", first + others) is (result("ForAnyValue", first) or result("ForAnyValue", others))


@given(POSITIVE, st.lists(TEXTS, min_size=1), TEXTS)
def test_with_a_single_value_set_operators_have_no_effect(operator, wanted, value) -> None:
    plain = holds({operator: {"a:a": wanted}}, {"a:a": value})

    assert set_test("ForAllValues", operator, wanted, [value]) is plain
    assert set_test("ForAnyValue", operator, wanted, [value]) is plain


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*OPERATORS, "Null", "ForAllValues:StringLike", "BoolIfExists", "Junk"]) | st.text(max_size=4)


@given(
    st.dictionaries(NAMES, st.dictionaries(st.just("a:a") | st.text(max_size=3), JSON, max_size=2) | JSON) | JSON,
    st.dictionaries(st.just("a:a"), st.text(max_size=6) | st.lists(st.text(max_size=3)).map(tuple)),
    st.booleans(),
)
def test_no_condition_block_raises_an_error(block, context, complete) -> None:
    assert holds(block, context, complete=complete) in (YES, NO, OPEN)
