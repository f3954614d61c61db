"""Tests that references known only after apply are restored in time independent of their number."""

from __future__ import annotations

from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.model import Plan
from taskrole.plan.symbolic_arns import SymbolicArns
from tests.growth import LIMIT, growth


def test_references_are_restored_in_time_independent_of_their_number() -> None:
    assert growth(put_back) < LIMIT


def put_back(references: int) -> None:
    configuration = Configuration(Plan("plan", "1.2", "1.11.4", "", (), ()))
    symbolic_arns = SymbolicArns(configuration, Places(configuration, "eu-west-1", "111122223333"))
    texts = [f"${{aws_secretsmanager_secret.service_{number}.arn}}" for number in range(references)]
    substituted = [symbolic_arns.substitute(text) for text in texts]
    assert [symbolic_arns.restore(text) for text in substituted] == texts
    assert not {*substituted} & {*texts}
