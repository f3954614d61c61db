"""Compares the evaluator with independent ones on generated policies and requests.

TASKROLE_PROVE=20 compares twenty times as many.
"""

from __future__ import annotations

import os

import pytest

from tests.amount import amount
from tests.differential import against_ministack, against_moto
from tests.differential.against_ministack import compare, explain, ours, theirs
from tests.differential.against_moto import refusal, validate
from tests.differential.generated import Case, generate_case

PAIRS = amount(5_000) * int(os.environ.get("TASKROLE_PROVE", "1"))
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-a1B2c3"


@pytest.mark.hypothesis
def test_every_disagreement_with_ministack_has_a_known_reason() -> None:
    tally = compare(PAIRS)

    assert tally.unexplained == []
    assert sum(tally.agreed.values()) + sum(tally.explained.values()) == tally.pairs == PAIRS
    # and the pairs match and miss: both results occur
    assert min(tally.agreed["allow"], tally.agreed["deny"]) > PAIRS // 5
    assert sum(tally.explained.values()) < PAIRS // 20


@pytest.mark.hypothesis
def test_every_refusal_of_moto_has_a_known_reason() -> None:
    tally = validate(PAIRS // 2)

    assert tally.unexplained == []
    assert tally.accepted > tally.documents * 4 // 5


def test_a_seed_gives_the_same_case() -> None:
    assert [generate_case(seed) for seed in range(50)] == [generate_case(seed) for seed in range(50)]


def allow(**elements):
    return {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", **elements}


def case(statement, context=(), resource=SECRET):
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return Case((document,), None, "secretsmanager:GetSecretValue", resource, dict(context))


# A case of each difference: the result of this project, as documented by AWS, and that of ministack.
EXAMPLES = [
    (
        "operator case",
        case(allow(Condition={"stringEquals": {"aws:username": "bob"}}), {"aws:username": "bob"}),
        ("cannot tell", "allow"),
    ),
    (
        "variables",
        case(allow(Resource="arn:aws:s3:::app/${aws:username}"), {"aws:username": "bob"}, "arn:aws:s3:::app/bob"),
        ("allow", "deny"),
    ),
    (
        "arn components",
        case(
            allow(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:111122223333:x"}}),
            {"aws:SourceArn": "arn:aws:ecs:us-east-1:999999999999:task:111122223333:x"},
        ),
        ("deny", "allow"),
    ),
    ("unknown operator", case(allow(Condition={"StringNear": {"aws:username": "bob"}})), ("cannot tell", "deny")),
    ("wildcard in prefix", case(allow(Action="secrets*:GetSecretValue")), ("cannot tell", "allow")),
    (
        "several values",
        case(allow(Condition={"StringEquals": {"aws:TagKeys": "team"}}), {"aws:TagKeys": ("team", "cost")}),
        ("cannot tell", "deny"),
    ),
    ("no tag keys", case(allow(Condition={"Null": {"aws:TagKeys": "true"}})), ("allow", "deny")),
    (
        "empty text",
        case(
            allow(Condition={"ForAnyValue:StringEquals": {"aws:PrincipalTag/team": ""}}), {"aws:PrincipalTag/team": ""}
        ),
        ("deny", "allow"),
    ),
    (
        "any value if exists",
        case(allow(Condition={"ForAnyValue:StringEqualsIfExists": {"dynamodb:Attributes": "id"}})),
        ("cannot tell", "allow"),
    ),
]


@pytest.mark.parametrize(("name", "example", "answers"), EXAMPLES)
def test_a_known_difference_still_exists(name, example, answers) -> None:
    assert (ours(example), theirs(example)) == answers
    assert explain(example, answers[1]) == name


def test_every_known_difference_has_an_example_a_reason_and_a_page() -> None:
    assert [name for name, *_ in EXAMPLES] == [difference.name for difference in against_ministack.DIFFERENCES]
    for difference in (*against_ministack.DIFFERENCES, *against_moto.DIFFERENCES):
        assert difference.explanation
        assert difference.page.startswith("https://docs.aws.amazon.com/IAM/")


@pytest.mark.parametrize(
    "wrong", [case(allow()), case(allow(Condition={"StringLike": {"aws:username": "b*"}}), {"aws:username": "bob"})]
)
def test_a_wrong_answer_has_no_explanation(wrong) -> None:
    assert ours(wrong) == theirs(wrong) == "allow"
    assert explain(wrong, "deny") is None


def test_a_wrong_answer_beside_a_difference_has_no_explanation() -> None:
    # given: a difference that cannot change the result
    statement = allow(Resource=["*", "arn:aws:s3:::app/${aws:username}"])

    assert explain(case(statement, {"aws:username": "bob"}), "deny") is None


# Documents that IAM could not store: moto refuses them, and their result is unknown here.
MALFORMED = [
    {"Effect": "allow"},
    {"Effect": None},
    {"Action": []},
    {"Action": "GetSecretValue"},
    {"Action": "secretsmanager:Get:SecretValue"},
    {"Action": {"*": "*"}},
    {"NotAction": "iam:*"},
    {"Resource": 5},
    {"Resource": []},
    {"NotResource": "*"},
    {"Condition": "none"},
    {"Condition": {"StringEquals": "x"}},
    {"Condition": {"StringEquals": {"aws:username": None}}},
    {"Condition": {"StringEquals": {"aws:username": {}}}},
    {"Conditions": {}},
]


@pytest.mark.parametrize("part", MALFORMED)
def test_a_document_that_moto_refuses_as_malformed_is_unknown(part) -> None:
    broken = case(allow(**part), {"aws:username": "bob"})

    assert refusal(broken.documents[0]) is not None
    assert ours(broken) == "cannot tell"
