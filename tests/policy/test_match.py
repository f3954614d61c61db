"""Tests IAM's wildcards against a plain oracle, and their speed."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskrole.policy.match import Wildcard, compile_glob, compile_pieces, pattern_pieces

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
CASES = [
    ("*", "", True),
    ("*", "arn:aws:s3:::b/k", True),
    ("?", "", False),
    ("?", "a", True),
    ("?", "ab", False),
    ("", "", True),
    ("", "a", False),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/", True),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/1/2/3/object.jpg", True),
    ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3/object.jpg", True),
    ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/object.jpg", False),
    ("arn:aws:s3:::b/?", "arn:aws:s3:::b/", False),
    ("arn:aws:logs:*:*:log-group:/ecs/*", "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/a:log-stream:b", True),
    ("arn:aws:s3:*", "arn:aws:s3:::b", True),
    ("arn:aws:s3:::B", "arn:aws:s3:::b", False),
    ("secret:db-??????", "secret:db-a1B2c3", True),
    ("secret:db-??????", "secret:db-a1B2c3d", False),
    ("a*a", "a", False),
    ("*ab*ab*", "xxabab", True),
    ("*ab*ab*", "xxabxa", False),
    ("?*?", "ab", True),
    ("?*?", "a", False),
    ("a.c", "abc", False),
    ("[a-z]", "b", False),
    ("a?c", "a\nc", True),
    ("a*", "a\n", True),
    ("a", "a\n", False),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), CASES)
def test_a_pattern_matches_the_whole_text_case_sensitively(pattern, text, expected) -> None:
    assert compile_glob(pattern).matches(text) is expected


def naive(pattern: str, text: str) -> bool:
    """Match by the definition: reach[i] is whether the pattern so far can match the first i characters."""
    reach = [True] + [False] * len(text)
    for wanted in pattern:
        if wanted == "*":
            reach = [any(reach[: i + 1]) for i in range(len(text) + 1)]
        else:
            reach = [False] + [reach[i] and wanted in ("?", text[i]) for i in range(len(text))]
    return reach[-1]


@given(st.text("ab*?", max_size=10), st.text("ab?*", max_size=10))
@example("*a?b*", "aabab")
def test_matching_agrees_with_a_plain_oracle(pattern, text) -> None:
    assert compile_glob(pattern).matches(text) is naive(pattern, text)


@given(st.text(max_size=12))
def test_a_text_matches_itself_as_literal_text_and_as_a_pattern(text) -> None:
    assert compile_pieces([text]).matches(text)
    assert compile_glob(text).matches(text)


@given(st.lists(st.sampled_from(["a", "*", "?", Wildcard.TEXT, Wildcard.CHARACTER]), max_size=8), st.text("a*?"))
def test_a_literal_star_matches_only_a_star(pieces, text) -> None:
    # given: a naive pattern over another alphabet, in which the literal star and question mark are letters
    letters = {"*": "s", "?": "q", Wildcard.TEXT: "*", Wildcard.CHARACTER: "?"}
    pattern = "".join(letters.get(piece, piece) for piece in pieces)

    assert compile_pieces(pieces).matches(text) is naive(pattern, text.replace("*", "s").replace("?", "q"))


def test_pieces_keep_the_order_of_the_pattern() -> None:
    assert pattern_pieces("a*b?") == ("a", Wildcard.TEXT, "b", Wildcard.CHARACTER)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 1_000 + "b", "a" * 20_000),
        ("*a*?" * 500 + "b*c", "a" * 20_000),
        ("*" * 10_000 + "b", "a" * 20_000),
        ("*" + "a?" * 100 + "b*", "a" * 20_000),
    ],
)
def test_no_pattern_is_slow_to_match(pattern, text) -> None:
    began = time.process_time()

    assert not compile_glob(pattern).matches(text)
    assert time.process_time() - began < 1
