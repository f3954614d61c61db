"""Tests three-valued logic: a known value that decides overrides an unknown value on either side."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from taskrole.policy.conditions.three_valued import Unknown, all_of, any_of, negate

A, B = Unknown("a"), Unknown("b")

CASES = [
    ([], True, False),
    ([True], True, True),
    ([False], False, False),
    ([A], A, A),
    ([True, False], False, True),
    ([True, A], A, True),
    ([False, A], False, A),
    ([True, False, A], False, True),
]


@pytest.mark.parametrize(("truths", "conjunction", "disjunction"), CASES)
def test_no_decides_all_and_yes_decides_any_in_every_order(truths, conjunction, disjunction) -> None:
    for order in permutations(truths):
        assert all_of(order) == conjunction
        assert any_of(order) == disjunction


def test_the_first_reason_is_kept() -> None:
    assert all_of([A, True, B]) is A
    assert any_of([B, False, A]) is B


def test_negation_obeys_de_morgan() -> None:
    for truths in product([True, False, A], repeat=3):
        assert negate(all_of(truths)) == any_of(map(negate, truths))
