"""Tests managed policies of roles by name: attached, detached, edited and kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.review.cases import NOTHING, allow, change, inline_change, plan_of, policy, reviewed, role_change

AWS = "arn:aws:iam::aws:policy/"
PULL = f"{AWS}AmazonEC2ContainerRegistryPullOnly"
JOBS = "arn:aws:iam::123456789012:policy/jobs"
SEND = policy(allow("sqs:SendMessage"))


def attachment(name: str, before: str | None, after: str | None, **more: Any) -> dict[str, Any]:
    old, new = (None if arn is None else {"role": "web", "policy_arn": arn} for arn in (before, after))
    actions = {(True, False): ["create"], (False, True): ["delete"]}.get((old is None, new is None))
    actions = actions or (["no-op"] if old == new else ["delete", "create"])
    return change(f"aws_iam_role_policy_attachment.{name}", actions, old, new, **more)


def jobs(before: Any, after: Any) -> dict[str, Any]:
    old, new = ({"name": "jobs", "arn": JOBS, "policy": json.dumps(document)} for document in (before, after))
    return change("aws_iam_policy.jobs", ["no-op"] if old == new else ["update"], old, new)


def managed_rows(*changes: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    (role,) = reviewed(plan_of(*changes)).roles
    return [(policy.change, policy.name, policy.actions) for policy in role.managed]


@pytest.mark.parametrize(
    ("before", "after", "change_of"), [(None, PULL, "gains"), (PULL, None, "loses"), (PULL, PULL, "keeps")]
)
def test_an_aws_managed_policy_is_named_with_its_number_of_actions(before, after, change_of) -> None:
    touched = role_change(actions=["update"])

    assert managed_rows(touched, attachment("x", before, after)) == [
        (change_of, "AmazonEC2ContainerRegistryPullOnly", 4)
    ]


def test_a_replaced_policy_is_lost_and_its_replacement_gained() -> None:
    assert managed_rows(role_change(), attachment("x", f"{AWS}CloudWatchLogsFullAccess", PULL)) == [
        ("gains", "AmazonEC2ContainerRegistryPullOnly", 4),
        ("loses", "CloudWatchLogsFullAccess", 138),
    ]


@pytest.mark.parametrize(
    ("after", "change_of"),
    [
        (SEND, "keeps"),
        # The same effect, written differently.
        (policy(allow(["sqs:SendMessage"], ["*"])), "keeps"),
        (policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:jobs")), "edits"),
    ],
)
def test_a_kept_customer_policy_counts_as_edited_if_its_effect_changes(after, change_of) -> None:
    kept = attachment("x", JOBS, JOBS)

    assert managed_rows(role_change(actions=["update"]), jobs(SEND, after), kept) == [(change_of, "jobs", 1)]


def test_a_policy_with_unknown_text_is_named_without_a_number() -> None:
    elsewhere = "arn:aws:iam::123456789012:policy/path/elsewhere"

    assert managed_rows(role_change(), attachment("x", None, elsewhere)) == [("gains", "elsewhere", None)]


def test_an_attachment_of_an_unknown_policy_is_named_by_its_address() -> None:
    unknown = attachment("later", None, "", unknown={"policy_arn": True})

    assert managed_rows(role_change(), unknown) == [("gains", "later", None)]


def test_an_inline_policy_is_not_listed_as_managed() -> None:
    assert managed_rows(role_change(), inline_change(NOTHING, SEND)) == []


def test_a_boundary_is_not_listed_as_attached() -> None:
    bound = role_change(actions=["update"], permissions_boundary=f"{AWS}PowerUserAccess")

    assert managed_rows(bound) == []


def test_a_role_that_is_destroyed_loses_its_policies() -> None:
    deleted = role_change(after=NOTHING, actions=["delete"])

    assert managed_rows(deleted, attachment("x", PULL, None)) == [("loses", "AmazonEC2ContainerRegistryPullOnly", 4)]


def test_a_customer_managed_policy_is_recognised_by_its_arn() -> None:
    (role,) = reviewed(plan_of(role_change(), jobs(SEND, SEND), attachment("x", None, JOBS))).roles

    assert [(policy.owner, policy.arn) for policy in role.managed] == [("customer", JOBS)]


@pytest.mark.parametrize("name", ["AmazonEC2ContainerRegistryPullOnly", "NewerThanTheSnapshot"])
def test_a_data_source_of_an_aws_managed_policy_is_owned_by_aws(name: str) -> None:
    values = {"name": name, "arn": f"{AWS}{name}", "policy": json.dumps(SEND)}
    source = {**change("aws_iam_policy.x", ["no-op"], values, values), "address": "data.aws_iam_policy.x"}
    source["mode"] = "data"

    (role,) = reviewed(plan_of(role_change(), source, attachment("x", None, f"{AWS}{name}"))).roles

    assert [(policy.name, policy.owner) for policy in role.managed] == [(name, "aws")]
