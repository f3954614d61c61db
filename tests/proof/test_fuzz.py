"""Tests wrong task definitions: policies without wide grants or placeholders, or findings that name the field.

`make prove` tests 100,000.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from taskrole.arns import Context
from taskrole.finding import Finding
from taskrole.grant import Grant
from taskrole.taskdef import Derivation
from tests.amount import amount
from tests.proof.fuzz import fuzz, names_field, outcome, printable_lines, wrong_grants
from tests.proof.generated import generate_case
from tests.proof.mutations import MARK, mutate

DOCUMENTS = amount(2_000)
USUAL = ("refused", "findings", "policies", "policies, compared")
CONTEXT = Context("aws", "us-east-1", "111122223333")
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:app-a1B2c3"
GRANT = Grant("execution", "SM-1", ("secretsmanager:GetSecretValue",), (SECRET,), "/x", "it does", "https://x")


@pytest.mark.hypothesis
def test_wrong_task_definitions_give_policies_or_findings() -> None:
    tally = fuzz(range(DOCUMENTS))

    assert tally.wrong == []
    # And some are refused, and some are derived.
    assert set(tally.ends) <= {*USUAL, "policies, beyond the oracle"}
    assert min(tally.ends[end] for end in USUAL) > DOCUMENTS // 30
    assert tally.ends["policies, beyond the oracle"] < tally.ends["policies, compared"] // 5


def test_a_seed_gives_the_same_wrong_document() -> None:
    def some() -> list[bytes]:
        return [mutate(generate_case(seed), random.Random(seed)) for seed in range(30)]

    assert some() == some()


WRONG = {
    "placeholder": {"resources": (SECRET.replace("app", MARK),)},
    "letters for an account": {"resources": (SECRET.replace("111122223333", "XXXXXXXXXXXX"),)},
    "control character": {"resources": (f"{SECRET}\x1b[31m",)},
    "lone surrogate": {"resources": (f"{SECRET}\ud800",)},
    "another partition": {"resources": (SECRET.replace("arn:aws:", "arn:aws-cn:"),)},
    "no account": {"resources": (SECRET.replace("111122223333", "none"),)},
    "no ARN": {"resources": ("app",)},
    "another service's resource": {"actions": ("s3:GetObject",)},
    "no action": {"actions": ()},
    "no name of an action": {"actions": ("secretsmanager:Get*Value",)},
    "placeholder in a condition": {"conditions": (("StringEquals", "kms:ViaService", (f"{{{{{MARK}}}}}",)),)},
    "because with a colour": {"because": "\x1b[31mred"},
}


@pytest.mark.parametrize("parts", WRONG.values(), ids=WRONG)
def test_a_wrong_grant_is_detected(parts) -> None:
    def noticed(grant: Grant) -> list[str]:
        return list(wrong_grants(Derivation(CONTEXT, (grant,), (), ()), CONTEXT))

    assert noticed(GRANT) == []
    assert noticed(replace(GRANT, **parts)) != []


def test_a_finding_without_a_field_is_detected() -> None:
    document = {"containerDefinitions": [{"name": "web"}], "volumes": None}

    def names(source: str, severity: str = "error") -> bool:
        return names_field(Finding("X", severity, source, "x"), document)  # type: ignore[arg-type]

    assert names("/containerDefinitions/0/name")
    assert names("/containerDefinitions/0/image")
    assert names("options:/kms_keys/app")
    assert names("", "note")
    assert not names("")
    assert not names("/containerDefinitions/1/image")
    assert not names("/containerDefinitions/0/secrets/2/valueFrom")


def test_a_message_with_control_characters_is_detected() -> None:
    assert not printable_lines("one\ntwo")
    assert printable_lines("one\x1b[31m")
    assert printable_lines("one\n\ntwo")


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000, b'{"containerDefinitions":'])
def test_data_that_is_not_a_task_definition_is_refused(text: bytes) -> None:
    assert outcome(text, generate_case(0)) == ("refused", [])
