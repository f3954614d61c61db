"""Tests statements that resemble a missing permission."""

from __future__ import annotations

import pytest

from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.evaluation import near_misses
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.evaluate import compile_policies
from taskrole.policy.evaluation.near_misses import NearMisses
from tests.check.scenarios import DB, GROUP, IMAGE, KEY, allow
from tests.growth import calls_of

READ = "secretsmanager:GetSecretValue"
PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/flags"
OPEN = f"{DB.removesuffix('-Ab12Cd')}-??????"


def miss(action: str, needed: str, *statements: tuple[str, str]) -> str:
    policy = Policy("own", "inline", policy_document([allow(*statement) for statement in statements]))
    return NearMisses(compile_policies([policy])).of(Call(action, action, needed))


@pytest.mark.parametrize(
    ("action", "needed", "named", "words"),
    [
        (READ, DB, f"{DB}:password::", "a JSON key, stage or version is not part"),
        (READ, OPEN, f"{DB}:password::", "a JSON key, stage or version is not part"),
        (READ, DB, DB.removesuffix("-Ab12Cd"), "ends in a hyphen and six characters"),
        (READ, OPEN, OPEN.removesuffix("-??????"), "ends in a hyphen and six characters"),
        ("logs:PutLogEvents", f"{GROUP}:log-stream:web/web/*", GROUP, "that is the log group, and not its streams"),
        ("ssm:GetParameters", PARAMETER, PARAMETER.replace("/shop", "//shop"), "one slash before its name"),
        ("kms:Decrypt", KEY, "arn:aws:kms:eu-west-1:111122223333:alias/shop", "an alias allows nothing"),
        ("ecr:BatchGetImage", IMAGE, f"{IMAGE}:7", "a tag or digest is not part"),
        ("s3:GetObject", "arn:aws:s3:::shop/web.env", "arn:aws:s3:::shop", "that is the bucket"),
        (READ, DB, DB.replace("eu-west-1", "eu-west-2"), "it is in another partition, region or account"),
    ],
)
def test_a_near_miss_is_named_with_its_difference(action: str, needed: str, named: str, words: str) -> None:
    assert miss(action, needed, (action, named)).startswith(f"it names {named}, but ")
    assert words in miss(action, needed, (action, named))


def test_another_action_is_named() -> None:
    reason = miss("ssm:GetParameters", PARAMETER, ("ssm:GetParameter", "*"))

    assert reason == "it allows ssm:GetParameter, which ECS does not call"


@pytest.mark.parametrize(
    ("action", "named"),
    [
        (READ, DB.replace("/db-", "/mail-")),
        (READ, f"{DB.replace('/db-', '/mail-')}:key::"),
        ("s3:GetObject", f"{DB}:k::"),
    ],
)
def test_an_unrelated_statement_is_not_named(action: str, named: str) -> None:
    assert miss(READ, DB, (action, named)) == ""


def test_other_objects_of_the_bucket_are_ignored() -> None:
    objects = [("s3:GetObject", f"arn:aws:s3:::shop/{number}") for number in range(100)]

    looks = calls_of(near_misses._bucket, lambda: miss("s3:GetObject", "arn:aws:s3:::shop/web.env", *objects))

    assert looks == 0
