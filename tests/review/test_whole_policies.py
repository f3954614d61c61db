"""Tests AWS managed policies that a role gains or loses, and grants of everything: a single row each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from taskrole.review.report import AccessRow, RoleReview
from taskrole.review.review import ReviewOptions
from taskrole.review.settings import Approval, ReviewSettings
from tests.review.cases import NOTHING, TODAY, allow, change, inline_change, plan_of, policy, reviewed, role_change

AWS = "arn:aws:iam::aws:policy/"
READ = f"{AWS}ReadOnlyAccess"
ADMIN = f"{AWS}AdministratorAccess"
PULL = f"{AWS}AmazonEC2ContainerRegistryPullOnly"


def deny(actions: str) -> dict[str, Any]:
    return {**allow(actions), "Effect": "Deny"}


def attachment(arn: str, *, is_removed: bool = False) -> dict[str, Any]:
    values = {"role": "web", "policy_arn": arn}
    name = arn.rpartition("/")[2]
    sides = (values, None) if is_removed else (None, values)
    return change(f"aws_iam_role_policy_attachment.{name}", ["delete" if is_removed else "create"], *sides)


def role_of(*changes: dict[str, Any]) -> RoleReview:
    (role,) = reviewed(plan_of(role_change(), *changes)).roles
    return role


def summary(rows: tuple[AccessRow, ...]) -> list[tuple[str, tuple[str, ...], int]]:
    return [(row.policy.rpartition("/")[2], row.actions, len(row.parts)) for row in rows]


@pytest.mark.parametrize(("is_removed", "side"), [(False, "added"), (True, "removed")], ids=["gained", "lost"])
def test_an_aws_managed_policy_is_a_single_row_with_its_grants(is_removed: bool, side: str) -> None:
    (row,) = getattr(role_of(attachment(READ, is_removed=is_removed)), side)

    assert row.policy == READ
    assert row.count is not None
    assert row.count > 1_000
    assert f"AWS managed policy `ReadOnlyAccess`: {row.count:,} actions on `*`" in row.sentence
    assert len(row.parts) > 100
    assert {part.policy for part in row.parts} == {""}


def test_the_key_depends_on_the_policy_and_the_role_only() -> None:
    alone = role_of(attachment(READ)).added[0]
    beside = role_of(attachment(READ), inline_change(NOTHING, policy(allow("s3:GetObject")))).added
    other = role_of(attachment(PULL)).added[0]

    assert [row.key for row in beside if row.policy] == [alone.key]
    assert other.key != alone.key


def test_a_policy_needs_a_single_approval() -> None:
    plan = plan_of(role_change(), attachment(READ))
    options = ReviewOptions(require_approval="broadening", today=TODAY)
    blocked = reviewed(plan, options=options)
    key = blocked.roles[0].added[0].key

    approved = reviewed(plan, ReviewSettings(approvals=[Approval(key, "a", "b", "c")]), options)

    assert [reason for reason in blocked.reasons if "grant" in reason] == ["role web: 1 grant without an approval"]
    assert not [reason for reason in approved.reasons if "grant" in reason]


def test_grants_of_other_policies_have_their_own_rows() -> None:
    rows = role_of(attachment(PULL), inline_change(NOTHING, policy(allow("iam:PassRole")))).added

    assert summary(rows) == [("", ("iam:PassRole",), 0), ("AmazonEC2ContainerRegistryPullOnly", (), 2)]


def test_a_policy_without_new_grants_has_no_row() -> None:
    everything = policy(allow("*"))

    assert role_of(attachment(PULL), inline_change(everything, everything)).added == ()


def test_a_policy_does_not_grant_actions_that_the_role_denies() -> None:
    denied = policy(deny("ecr:*"))

    rows = role_of(attachment(PULL), inline_change(denied, denied)).added

    assert rows == ()


def test_a_deny_of_an_aws_managed_policy_has_its_own_row() -> None:
    rows = role_of(attachment(f"{AWS}AWSDenyAll")).added

    assert [(row.effect, row.count, row.policy) for row in rows] == [("Deny", None, f"{AWS}AWSDenyAll")]


def test_every_action_on_every_resource_is_a_single_row() -> None:
    inline = policy(allow("*"), allow("s3:*"), allow("iam:PassRole", "arn:aws:iam::123456789012:role/x"), deny("sqs:*"))

    rows = role_of(inline_change(NOTHING, inline)).added

    assert [(row.effect, row.actions, row.is_everything) for row in rows] == [
        ("Allow", ("*",), True),
        ("Deny", ("sqs:*",), False),
    ]
    assert {part.actions for part in rows[0].parts} == {("s3:*",), ("iam:PassRole",)}


def test_administrator_access_is_every_action_on_every_resource() -> None:
    (row,) = role_of(attachment(ADMIN)).added

    assert row.is_everything
    assert row.policy == ADMIN


@pytest.mark.parametrize(
    "other",
    [
        {"conditions": (("StringEquals", "aws:RequestedRegion", ("eu-west-1",)),)},
        {"not_actions": True},
        {"not_resources": True},
        {"resources": ("arn:aws:s3:::x",)},
        {"actions": ("s3:*",)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_less_than_everything_is_not_everything(other: dict[str, Any]) -> None:
    (row,) = role_of(inline_change(NOTHING, policy(allow("*")))).added

    assert not replace(row, **other).is_everything
