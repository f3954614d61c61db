"""Names that only the apply will tell are put back into texts in time that does not grow with how many there are."""

from __future__ import annotations

from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.model import Plan
from taskrole.plan.symbolic_arns import StandIns
from tests.growth import exponents

SIZES = (50, 200, 800)


def test_a_text_gets_its_own_references_back_however_many_others_there_are() -> None:
    grown = exponents(put_back, SIZES)

    assert max(grown) < 1.1, grown


def put_back(references: int) -> None:
    configuration = Configuration(Plan("plan", "1.2", "1.11.4", "", (), ()))
    stand_ins = StandIns(configuration, Places(configuration, "eu-west-1", "111122223333"))
    texts = [f"${{aws_secretsmanager_secret.service_{number}.arn}}" for number in range(references)]
    put = [stand_ins.put(text) for text in texts]
    assert [stand_ins.back(text) for text in put] == texts
    assert not {*put} & {*texts}
