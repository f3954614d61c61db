"""The managed policies of roles by their names: what a plan attaches, detaches, edits and leaves."""

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
    old, new = ({"name": "jobs", "arn": JOBS, "policy": json.dumps(one)} for one in (before, after))
    return change("aws_iam_policy.jobs", ["no-op"] if old == new else ["update"], old, new)


def found(*changes: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    (role,) = reviewed(plan_of(*changes)).roles
    return [(one.change, one.name, one.actions) for one in role.managed]


@pytest.mark.parametrize(
    ("before", "after", "change_of"), [(None, PULL, "gains"), (PULL, None, "loses"), (PULL, PULL, "keeps")]
)
def test_a_policy_of_aws_is_named_with_how_many_actions_it_allows(before, after, change_of) -> None:
    touched = role_change(actions=["update"])

    assert found(touched, attachment("x", before, after)) == [(change_of, "AmazonEC2ContainerRegistryPullOnly", 4)]


def test_another_policy_in_the_place_of_one_is_gained_and_the_old_one_lost() -> None:
    assert found(role_change(), attachment("x", f"{AWS}CloudWatchLogsFullAccess", PULL)) == [
        ("gains", "AmazonEC2ContainerRegistryPullOnly", 4),
        ("loses", "CloudWatchLogsFullAccess", 138),
    ]


@pytest.mark.parametrize(
    ("after", "change_of"),
    [
        (SEND, "keeps"),
        # Only written differently.
        (policy(allow(["sqs:SendMessage"], ["*"])), "keeps"),
        (policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:jobs")), "edits"),
    ],
)
def test_a_customer_policy_that_stays_is_edited_where_its_effect_changes(after, change_of) -> None:
    stays = attachment("x", JOBS, JOBS)

    assert found(role_change(actions=["update"]), jobs(SEND, after), stays) == [(change_of, "jobs", 1)]


def test_a_policy_of_which_the_plan_does_not_tell_the_text_is_named_without_a_number() -> None:
    elsewhere = "arn:aws:iam::123456789012:policy/path/elsewhere"

    assert found(role_change(), attachment("x", None, elsewhere)) == [("gains", "elsewhere", None)]


def test_an_attachment_of_an_unknown_policy_goes_by_its_own_name() -> None:
    unknown = attachment("later", None, "", unknown={"policy_arn": True})

    assert found(role_change(), unknown) == [("gains", "later", None)]


def test_an_inline_policy_is_no_managed_one() -> None:
    assert found(role_change(), inline_change(NOTHING, SEND)) == []


def test_a_boundary_is_no_attached_policy() -> None:
    bound = role_change(actions=["update"], permissions_boundary=f"{AWS}PowerUserAccess")

    assert found(bound) == []


def test_a_role_that_is_destroyed_loses_its_policies() -> None:
    gone = role_change(after=NOTHING, actions=["delete"])

    assert found(gone, attachment("x", PULL, None)) == [("loses", "AmazonEC2ContainerRegistryPullOnly", 4)]


def test_what_a_customer_policy_is_is_told_by_its_arn() -> None:
    (role,) = reviewed(plan_of(role_change(), jobs(SEND, SEND), attachment("x", None, JOBS))).roles

    assert [(one.owner, one.arn) for one in role.managed] == [("customer", JOBS)]


@pytest.mark.parametrize("name", ["AmazonEC2ContainerRegistryPullOnly", "NewerThanTheSnapshot"])
def test_a_data_source_of_a_policy_of_aws_is_of_aws(name: str) -> None:
    values = {"name": name, "arn": f"{AWS}{name}", "policy": json.dumps(SEND)}
    source = {**change("aws_iam_policy.x", ["no-op"], values, values), "address": "data.aws_iam_policy.x"}
    source["mode"] = "data"

    (role,) = reviewed(plan_of(role_change(), source, attachment("x", None, f"{AWS}{name}"))).roles

    assert [(one.name, one.owner) for one in role.managed] == [(name, "aws")]
