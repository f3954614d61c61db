"""Tests which exit code applies when several do."""

from __future__ import annotations

import pytest

from taskrole.exit_codes import exit_code_for

FACTS = {"has_errors": 1, "is_blocked": 3, "is_unresolved": 4, "has_changes": 2}


@pytest.mark.parametrize(("first", "code"), FACTS.items())
def test_the_first_fact_that_is_true_decides(first: str, code: int) -> None:
    names = list(FACTS)
    true_from = names[names.index(first) :]

    assert exit_code_for(**dict.fromkeys(true_from, True)) == code


def test_without_any_fact_the_exit_code_is_0() -> None:
    assert exit_code_for() == 0
