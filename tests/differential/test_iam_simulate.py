"""Compares the evaluator with iam-simulate, by feature. TASKROLE_PROVE=20 compares twenty times as many cases."""

from __future__ import annotations

import os

import pytest

from tests.amount import amount
from tests.differential.against_iam_simulate import DIFFERENCES, compare, explain, theirs
from tests.differential.against_ministack import ours
from tests.differential.by_feature import FEATURES, feature_case
from tests.differential.generated import Case
from tests.needed import has_iam_simulate

PAIRS = amount(2_000) * int(os.environ.get("TASKROLE_PROVE", "1"))
OBJECT = "arn:aws:s3:::app-config/web.env"

pytestmark = pytest.mark.skipif(not has_iam_simulate(), reason="no node, or no node_modules")


@pytest.mark.hypothesis
def test_every_disagreement_with_iam_simulate_has_a_known_reason() -> None:
    tally = compare(PAIRS)

    assert tally.unexplained == []
    assert sum(tally.agreed.values()) + sum(tally.explained.values()) == tally.pairs == PAIRS
    assert sum(tally.explained.values()) < PAIRS // 10
    # and each feature gives both results
    fewest = PAIRS // len(FEATURES) // 5
    assert all(tally.features[name, answer] > fewest for name in FEATURES for answer in ("allow", "deny"))


def test_a_seed_gives_the_same_case() -> None:
    assert [feature_case(seed) for seed in range(50)] == [feature_case(seed) for seed in range(50)]


def allow(**elements):
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def case(statement, context=(), resource=OBJECT, version="2012-10-17"):
    statement = {key: value for key, value in statement.items() if value is not None}
    return Case(({"Version": version, "Statement": [statement]},), None, "s3:GetObject", resource, dict(context))


# A case of each difference: the result of this project, as documented by AWS, and that of iam-simulate.
EXAMPLES = [
    (
        "variables of old versions",
        case(allow(Resource="arn:aws:s3:::app-config/${$}x"), (), "arn:aws:s3:::app-config/$x", "2008-10-17"),
        ("deny", "allow"),
    ),
    ("NotResource of short ARNs", case(allow(Resource=None, NotResource="arn:aws:sqs")), ("allow", "deny")),
    ("short ARNs", case(allow(Resource="arn:aws:s3")), ("cannot tell", "allow")),
    (
        "wildcards of resource types",
        case(allow(Resource="arn:aws:sqs:eu-west-1:1:a*/b"), (), "arn:aws:sqs:eu-west-1:1:abc/b"),
        ("allow", "deny"),
    ),
    (
        "variables without a value",
        case(allow(Condition={"StringNotEquals": {"s3:prefix": "${aws:username}"}}), {"s3:prefix": "x"}),
        ("allow", "deny"),
    ),
    (
        "variables with an empty value",
        case(
            allow(Condition={"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'x'}"}}),
            {"s3:prefix": "x", "aws:PrincipalTag/team": ""},
        ),
        ("deny", "allow"),
    ),
    (
        "epoch times",
        case(
            allow(Condition={"DateLessThan": {"aws:TokenIssueTime": "2020-01-01"}}),
            {"aws:TokenIssueTime": "1767225600"},
        ),
        ("deny", "allow"),
    ),
    (
        "addresses of two versions",
        case(
            allow(Condition={"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.1"}}),
            {"aws:VpcSourceIp": "2001:db8::7"},
        ),
        ("allow", "deny"),
    ),
    (
        "any value if exists",
        case(allow(Condition={"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "team"}})),
        ("cannot tell", "deny"),
    ),
    (
        "empty text",
        case(allow(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}), {"aws:TagKeys": ("",)}),
        ("allow", "deny"),
    ),
    ("wildcard in prefix", case(allow(Action="s*:GetObject")), ("cannot tell", "deny")),
]


@pytest.mark.parametrize(("name", "example", "answers"), EXAMPLES)
def test_a_known_difference_still_exists(name, example, answers) -> None:
    assert (ours(example), *theirs([example])) == answers
    assert explain(example, answers[1]) == name


def test_every_known_difference_has_an_example_a_reason_and_a_page() -> None:
    assert [name for name, *_ in EXAMPLES] == [difference.name for difference in DIFFERENCES]
    for difference in DIFFERENCES:
        assert difference.explanation
        assert difference.page.startswith("https://docs.aws.amazon.com/IAM/")


def test_a_wrong_answer_has_no_explanation() -> None:
    # given: a case without a known difference
    wrong = case(allow(Condition={"StringLike": {"aws:username": "b*"}}), {"aws:username": "bob"})

    assert ours(wrong) == "allow"
    assert theirs([wrong]) == ["allow"]
    assert explain(wrong, "deny") is None
