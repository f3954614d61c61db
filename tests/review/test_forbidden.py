"""Tests that a gained grant which the permissions boundary of the role forbids is marked in every output."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.review.render import RENDERERS
from taskrole.review.report import AccessRow, Report
from tests.review.cases import NOTHING, allow, change, inline_change, plan_of, policy, reviewed, role_change

AWS = "arn:aws:iam::aws:policy/"
READ_ONLY = f"{AWS}AmazonS3ReadOnlyAccess"
SEND = policy(allow("sqs:SendMessage"))
MARK = ", which its permissions boundary forbids"


def gained(boundary: str | None, after: Any) -> tuple[AccessRow, ...]:
    return report(boundary, after).roles[0].added


def report(boundary: str | None, after: Any) -> Report:
    return reviewed(plan_of(role_change(permissions_boundary=boundary), inline_change(NOTHING, after)))


@pytest.mark.parametrize(
    ("boundary", "forbidden"),
    [
        (None, False),
        (f"{AWS}PowerUserAccess", False),
        (READ_ONLY, True),
        ("arn:aws:iam::123456789012:policy/not-in-the-plan", False),
    ],
)
def test_a_grant_that_the_boundary_forbids_is_marked(boundary: str | None, forbidden: bool) -> None:
    (row,) = gained(boundary, SEND)

    assert row.forbidden is forbidden
    assert row.sentence == f"+ Write `sqs:SendMessage` on `*` to role web{MARK if forbidden else ''}"


def test_only_grants_that_the_boundary_forbids_entirely_are_marked() -> None:
    rows = gained(READ_ONLY, policy(allow(["s3:GetObject", "s3:PutObject"]), allow("s3:Get*"), allow("s3:Delete*")))

    assert {action: row.forbidden for row in rows for action in row.actions} == {
        "s3:GetObject": False,
        "s3:get*": False,
        "s3:PutObject": True,
        "s3:delete*": True,
    }


def test_a_grant_of_too_many_calls_is_not_examined() -> None:
    """Every call is evaluated; their number is the number of actions times the number of resources."""
    queues = [f"arn:aws:sqs:eu-west-1:123456789012:{number}" for number in range(1_001)]

    (few,) = gained(READ_ONLY, policy(allow(["sqs:SendMessage", "sqs:PurgeQueue"], queues[:-1])))
    (many,) = gained(READ_ONLY, policy(allow(["sqs:SendMessage", "sqs:PurgeQueue"], queues)))

    assert (few.forbidden, many.forbidden) == (True, False)


def test_a_grant_that_the_boundary_forbids_still_broadens() -> None:
    assert report(READ_ONLY, SEND).verdict == "broadens"


def test_an_aws_managed_policy_is_marked_if_the_boundary_forbids_all_of_it() -> None:
    attached = change(
        "aws_iam_role_policy_attachment.x", ["create"], None, {"role": "web", "policy_arn": f"{AWS}AmazonSQSFullAccess"}
    )
    (role,) = reviewed(plan_of(role_change(permissions_boundary=READ_ONLY), attached)).roles

    assert [(row.policy, row.forbidden) for row in role.added] == [(f"{AWS}AmazonSQSFullAccess", True)]


@pytest.mark.parametrize("name", ["terminal", "markdown", "html"])
def test_every_format_for_people_marks_a_forbidden_grant(name: str) -> None:
    marked, unmarked = (RENDERERS[name](report(arn, SEND)) for arn in (READ_ONLY, f"{AWS}PowerUserAccess"))

    # HTML marks it beside the level.
    mark = "Forbidden by the permissions boundary" if name == "html" else MARK
    assert mark in " ".join(marked.split())
    assert mark not in " ".join(unmarked.split())
