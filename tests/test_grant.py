"""Tests conditions of grants in the form of IAM."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrole.grant import Condition, condition_block, conditions_of

TEXTS = st.text("abcXYZ:${}*/-", min_size=1, max_size=8)
VALUES = st.sets(TEXTS, min_size=1, max_size=3)
BLOCKS = st.dictionaries(TEXTS, st.dictionaries(TEXTS, VALUES.map(sorted), min_size=1, max_size=3), max_size=3)


@pytest.mark.parametrize(
    ("block", "conditions"),
    [
        ({}, ()),
        ({"StringEquals": {"k": "v"}}, (("StringEquals", "k", ("v",)),)),
        ({"StringEquals": {"k": ["w", "v", "v"]}}, (("StringEquals", "k", ("v", "w")),)),
        ({"Bool": {"k": True}}, (("Bool", "k", ("true",)),)),
        ({"B": {"k": "1"}, "A": {"z": "2", "a": "3"}}, (("A", "a", ("3",)), ("A", "z", ("2",)), ("B", "k", ("1",)))),
    ],
)
def test_a_condition_block_becomes_sorted_triples(block: dict[str, Any], conditions: tuple[Condition, ...]) -> None:
    assert conditions_of(block) == conditions


def test_triples_become_a_block_with_single_values_as_plain_text() -> None:
    conditions = [("StringLike", "k", ("v", "w")), ("Bool", "aws:SecureTransport", ("true",))]

    assert condition_block(conditions) == {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"k": ["v", "w"]}}


@given(BLOCKS)
def test_a_block_of_triples_has_the_same_triples(block: dict[str, Any]) -> None:
    assert conditions_of(condition_block(conditions_of(block))) == conditions_of(block)


def test_a_repeated_operator_and_key_is_refused() -> None:
    conditions = [("StringEquals", "kms:ViaService", ("s3",)), ("StringEquals", "kms:ViaService", ("ssm",))]

    with pytest.raises(ValueError, match="StringEquals of 'kms:ViaService' only once"):
        condition_block(conditions)


def test_a_key_under_two_operators_is_two_conditions() -> None:
    conditions = [("StringEquals", "k", ("v",)), ("StringLike", "k", ("v*",))]

    assert condition_block(conditions) == {"StringEquals": {"k": "v"}, "StringLike": {"k": "v*"}}
