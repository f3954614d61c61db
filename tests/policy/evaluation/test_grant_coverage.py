"""Tests how the coverage of a grant follows from its calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taskrole.grant import Grant
from taskrole.policy.documents.policy import Policy
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Judge
from taskrole.policy.evaluation.grant_calls import regions_of
from taskrole.policy.evaluation.grant_coverage import allowed_needs, cover_grant
from tests.check.scenarios import CONTEXT, KEY, allow, deny

SEARCH = "arn:aws:es:eu-west-1:111122223333:domain/logs/*"
DECRYPT = Grant("execution", "KMS-1", ("kms:Decrypt",), (KEY,), "/x", "secret db may be encrypted", "https://x")
SEND = Grant("task", "FL-8", ("es:ESHttp*",), (SEARCH,), "/x", "it sends logs", "https://x")


@pytest.mark.parametrize(
    ("statements", "grant", "is_allowed"),
    [
        ([], DECRYPT, False),
        ([allow("kms:Decrypt", KEY)], DECRYPT, True),
        ([allow("KMS:*", "*")], DECRYPT, True),
        ([allow("*", "*")], DECRYPT, True),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], DECRYPT, True),
        ([allow("kms:Decrypt", "*"), deny("kms:Decrypt", KEY)], DECRYPT, False),
        ([allow("kms:Encrypt", KEY)], DECRYPT, False),
        ([{"Effect": "allow", "Action": "*", "Resource": "*"}], DECRYPT, False),
        (["nonsense"], DECRYPT, False),
        ([allow("es:ESHttp*", SEARCH)], SEND, True),
        ([allow([f"es:ESHttp{verb}" for verb in ("Delete", "Get", "Head", "Patch", "Post", "Put")], "*")], SEND, True),
        ([allow("es:ESHttpPut", SEARCH)], SEND, False),
    ],
)
def test_an_action_is_allowed_if_its_coverage_is(statements: list[Any], grant: Grant, is_allowed: bool) -> None:
    judge = Judge(role(statements))
    regions = regions_of([grant])

    covered = {action: coverage.answer for action, coverage in cover_grant(judge, grant, CONTEXT, regions)}

    assert dict(allowed_needs(judge, grant, CONTEXT, regions)) == {grant.actions[0]: is_allowed}
    assert [answer == "allowed" for answer in covered.values()] == [is_allowed]


@pytest.mark.parametrize("change", [{"effect": "Deny"}, {"rule": "IMG-3"}])
@pytest.mark.parametrize("statements", [[], [allow("*", "*")]])
def test_actions_that_are_never_called_are_left_out(change: dict[str, Any], statements: list[Any]) -> None:
    grant = replace(DECRYPT, **change)

    assert not list(allowed_needs(Judge(role(statements)), grant, CONTEXT, regions_of([grant])))


def role(statements: list[Any]) -> EffectiveRole:
    return EffectiveRole("r", (Policy("own", "inline", {"Version": "2012-10-17", "Statement": statements}),))
