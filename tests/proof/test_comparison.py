"""Tests the comparison of policies with the evaluator on generated changes. `make prove`: 20,000."""

from __future__ import annotations

import os

import pytest

from taskrole.policy.comparison import permissions
from taskrole.policy.conditions import value_sets
from tests.amount import amount
from tests.proof.comparison import NARROWER, check, violations
from tests.proof.policy_changes import policy_change

CHANGES = amount(1_000) * int(os.environ.get("TASKROLE_PROVE", "1"))


@pytest.mark.hypothesis
def test_a_narrowing_or_neutral_verdict_allows_no_new_call() -> None:
    tally = check(range(CHANGES))

    assert tally.wrong == []
    # and there are changes of both kinds
    assert sum(tally.verdicts[verdict] for verdict in NARROWER) > CHANGES // 3
    assert tally.verdicts["broadens"] > CHANGES // 3


def test_a_seed_gives_the_same_change() -> None:
    assert [policy_change(seed) for seed in range(20)] == [policy_change(seed) for seed in range(20)]


@pytest.mark.parametrize(
    ("module", "proof"), [(permissions, "implies"), (permissions, "contains"), (value_sets, "is_within")]
)
def test_a_wrong_proof_is_detected(module, proof, monkeypatch) -> None:
    # given: a comparison that assumes one of its proofs
    from taskrole.policy.comparison import condition_implication

    monkeypatch.setattr(module, proof, lambda *_: True)
    monkeypatch.setattr(condition_implication, "is_within", value_sets.is_within)
    condition_implication._implies.cache_clear()

    has_violations = any(violations([seed]) for seed in range(200))

    monkeypatch.undo()
    condition_implication._implies.cache_clear()
    assert has_violations
