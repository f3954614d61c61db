"""Compares the rules about statements with parliament. TASKROLE_PROVE=20 compares twenty times as many."""

from __future__ import annotations

import os

import pytest

from tests.amount import amount
from tests.differential.against_parliament import DIFFERENCES, lint, ours, theirs, why
from tests.differential.linted import generate_statement

STATEMENTS = amount(1_000) * int(os.environ.get("TASKROLE_PROVE", "1"))


@pytest.mark.hypothesis
def test_every_disagreement_with_parliament_has_a_known_reason() -> None:
    tally = lint(STATEMENTS)

    assert tally.unexplained == []
    assert tally.failed <= STATEMENTS // 100
    # and both report each kind of mistake, more often together than alone
    kinds = {"unknown action", "unknown service", "unknown key", "mismatch", "star"}
    assert {kind for kind in kinds if tally.agreed[kind] > STATEMENTS // 50} == kinds
    assert sum(tally.explained.values()) < sum(tally.agreed.values())
    assert set(tally.explained) <= {difference.name for difference in DIFFERENCES}


def test_an_unknown_difference_has_no_explanation() -> None:
    statement = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["*"]}

    for kind in ("star", "mismatch", "unknown action", "unknown service", "unknown key"):
        assert why(statement, (kind, "sqs:SendMessage"), is_ours=True) is None
        assert why(statement, (kind, "sqs:SendMessage"), is_ours=False) is None


@pytest.mark.parametrize("action", ["ecr:GetAuthorizationToken", "ssmmessages:OpenDataChannel"])
def test_both_accept_a_star_if_an_action_has_no_other_resource(action) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": ["*"]}

    assert ours(statement) == theirs(statement) == frozenset()


def test_a_seed_gives_the_same_statement() -> None:
    assert [generate_statement(seed) for seed in range(50)] == [generate_statement(seed) for seed in range(50)]
