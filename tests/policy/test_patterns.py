"""Tests containment and overlap of patterns against every short text."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.policy.conditions.operators import text_matcher
from taskrole.policy.evaluation.request import ContextKeys, Request
from taskrole.policy.patterns import contains, contains_tokens, overlaps, tokens, without_variables
from taskrole.policy.search_budget import BudgetExhaustedError, Steps, given_up_questions
from tests.amount import amount

# Texts of up to 7 characters with another letter distinguish patterns of up to 4 of a, b and wildcards.
TEXTS = ["".join(text) for length in range(7) for text in itertools.product("abz", repeat=length)]
PATTERNS = st.text(alphabet="ab*?", max_size=4)


def language(pattern: str) -> frozenset[str]:
    parts = {"*": ".*", "?": "."}
    regex = re.compile("".join(parts.get(character) or re.escape(character) for character in pattern))
    return frozenset(text for text in TEXTS if regex.fullmatch(text))


@settings(max_examples=amount(250))
@given(PATTERNS, PATTERNS)
def test_a_pattern_contains_another_exactly_if_it_matches_all_its_texts(outer: str, inner: str) -> None:
    assert contains(outer, inner) is (language(inner) <= language(outer))


@settings(max_examples=amount(250))
@given(st.text(alphabet="ab*?", max_size=3), st.text(alphabet="ab*?", max_size=3))
def test_two_patterns_overlap_exactly_if_a_text_matches_both(pattern: str, other: str) -> None:
    assert overlaps(pattern, other) is bool(language(pattern) & language(other))


@pytest.mark.parametrize(
    ("outer", "inner", "contained"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username}/k", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${AWS:UserName}/k", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/k", False),
        # A variable is neither its own text nor a single character.
        ("b/???????????????", "b/${aws:username}", False),
        ("b/?", "b/${aws:username}", False),
        ("b/?*", "b/${aws:username}", False),
        ("b/${aws:username}", "b/*", False),
        ("b/${*}", "b/*", False),
        ("b/*", "b/${*}", True),
        ("b/?", "b/${*}", True),
        ("b/${?}", "b/?", False),
        ("b/${$}{x}", "b/$", False),
        # The case of a default counts, that of a name does not.
        ("${aws:PrincipalTag/team, 'red'}", "${aws:PrincipalTag/TEAM, 'red'}", True),
        ("${aws:PrincipalTag/team, 'red'}", "${aws:PrincipalTag/team, 'RED'}", False),
        ("${aws:PrincipalTag/team, 'red'}", "red", False),
        # Without a value, and without a default, a variable matches nothing.
        ("b/${aws:x, 'd'}*", "b/${aws:x}/k", True),
        ("b/${aws:x}", "b/${aws:x, 'd'}", False),
        ("b/${aws:x, 'd'}", "b/${aws:y}", False),
    ],
)
def test_policy_variables_are_contained_only_if_every_value_is(outer: str, inner: str, contained: bool) -> None:
    assert contains(outer, inner) is contained


VARIABLES = ["${aws:x}", "${AWS:X, 'a'}", "${aws:x, 'A'}", "${aws:y}"]
PARTS = st.lists(st.sampled_from(["a", "A", "*", "?", *VARIABLES]), max_size=3).map("".join)
VALUES = [None, "", "a", "A", "aA"]


def texts_that_fit(pattern: str, x: str | None, y: str | None) -> frozenset[str]:
    """Return the texts that match a pattern if the variables have these values, None for no value."""
    keys = ContextKeys(Request("s3:GetObject", "*", {"aws:x": _as_values(x), "aws:y": _as_values(y)}, complete=True))
    matches = text_matcher(pattern, variables=True)
    return frozenset(text for text in SHORT_TEXTS if matches(text, keys) is True)


def _as_values(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


SHORT_TEXTS = ["".join(text) for length in range(5) for text in itertools.product("aAz", repeat=length)]


@settings(max_examples=amount(150))
@given(PARTS, PARTS)
def test_a_variable_is_equal_only_to_itself(outer: str, inner: str) -> None:
    # given: a proof on patterns with variables; then: it holds for all values of the variables
    contained, apart = contains(outer, inner), not overlaps(outer, inner)

    for x, y in itertools.product(VALUES, VALUES) if contained or apart else ():
        wide, narrow = texts_that_fit(outer, x, y), texts_that_fit(inner, x, y)
        assert not contained or narrow <= wide
        assert not apart or wide.isdisjoint(narrow)


def test_variables_of_the_old_version_are_plain_text() -> None:
    plain = without_variables("b/${x}")

    assert contains("b/????", plain)
    assert not contains("b/????", "b/${x}")
    assert contains(without_variables("${*}"), without_variables("${abc}"))
    assert without_variables("arn:aws:s3:::b/*") == "arn:aws:s3:::b/*"


def test_a_variable_may_overlap_with_any_text() -> None:
    assert overlaps("b/${aws:username}", "b/anything/at/all")
    assert not overlaps("b/${aws:username}", "c/anything")
    assert not overlaps("b/${*}", "b/x")


# Each `a` of the inner pattern doubles the states of the outer pattern.
BOMB = "arn:aws:s3:::" + "*a????????????" * 2 + "*"
OTHER_BOMB = "arn:aws:s3:::" + "a*b" * 20


def test_a_search_is_abandoned_after_a_limit_of_steps() -> None:
    steps = Steps(1_000)

    with pytest.raises(BudgetExhaustedError):
        contains_tokens(tokens(BOMB), tokens(OTHER_BOMB), steps)

    assert 1_000 < steps.taken < 2_000


def test_the_same_question_takes_the_same_steps() -> None:
    counts = []
    for _ in range(2):
        steps = Steps()
        contains_tokens(tokens("arn:aws:s3:::*a?b*c*"), tokens("arn:aws:s3:::x*aab*c?"), steps)
        counts.append(steps.taken)

    assert counts[0] == counts[1] < 200


def test_an_abandoned_search_proves_nothing_and_is_reported_each_time() -> None:
    for _ in range(2):
        with given_up_questions() as given_up:
            assert not contains(BOMB, OTHER_BOMB)

        assert given_up == [(BOMB, OTHER_BOMB)]


def test_two_patterns_with_an_abandoned_search_may_overlap() -> None:
    assert overlaps("*" + "a?*" * 300 + "b", "*a?c*" * 300 + "c")


def test_a_literal_text_needs_no_search() -> None:
    # given: patterns that exceed any budget
    text = "arn:aws:s3:::" + "ab" * 5_000

    with given_up_questions() as given_up:
        assert contains("arn:*" + "a*b" * 1_000, text)
        assert not contains("arn:*" + "a*b" * 1_000 + "c", text)
        assert overlaps(text, "arn:*" + "a*b" * 1_000)

    assert given_up == []


def test_no_pattern_is_slow_to_compare() -> None:
    started = time.process_time()

    contains("*" + "a?*" * 300 + "b", "*a?b*" * 300)
    overlaps("*" + "a?*" * 300 + "b", "*a?b*" * 300)
    contains("*a*b?*c" * 40, "*?a*b*c" * 60)

    assert time.process_time() - started < 5
