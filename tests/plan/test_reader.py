"""Tests reading plans: versions, actions, incomplete plans and hashes."""

from __future__ import annotations

import io
import json

import pytest

from taskrole.errors import InputError
from taskrole.plan.reader import read_plan
from tests.review.cases import (
    CASES,
    allow,
    change,
    codes,
    inline_change,
    plan_data,
    plan_of,
    policy,
    reviewed,
    role_change,
)

OWN = policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:jobs"))


def read(plan):
    return read_plan(io.BytesIO(json.dumps(plan).encode()), "plan.json")


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.99"])
def test_every_minor_version_is_read(version) -> None:
    assert read(plan_of(format_version=version)).format_version == version


@pytest.mark.parametrize("version", ["0.1", "2.0", "1", "1.x", "", "10.0"])
def test_another_major_version_is_refused(version) -> None:
    with pytest.raises(InputError, match=r"format_version: must be 1\.x; got"):
        read(plan_of(format_version=version))


def test_unknown_keys_are_ignored() -> None:
    plan = plan_of(role_change(), inline_change(OWN, OWN), action_invocations=[{"x": 1}], something={"new": [1]})
    plan["resource_changes"][0]["something"] = 1
    plan["resource_changes"][0]["change"]["importing"] = {"id": "web"}
    assert reviewed(plan).verdict == "no-change"


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"a": 1}, "plan.json: is not a plan: it has no format_version"),
        ({"format_version": "1.0", "values": {}}, "plan.json: is not a plan; it may be a state"),
        (plan_of(resource_changes=[1]), "plan.json: resource_changes[0]: must be an object"),
        (plan_of({"address": "a.b"}), "plan.json: a.b: change: must be an object"),
        (plan_of({"address": 1}), "plan.json: must have address, a text"),
        (plan_of({"address": "a.b", "change": {"actions": "create"}}), "plan.json: a.b: must have change.actions"),
        (plan_of({"address": "a.b", "change": {"actions": ["no-op"]}}), "plan.json: a.b: must have type, a text"),
        (
            plan_of(
                {"address": "a.b", "type": "aws_iam_role", "name": "b", "change": {"actions": ["update"], "before": 1}}
            ),
            "plan.json: a.b: before: must be an object",
        ),
        (plan_of(configuration=[]), None),
        (plan_of(configuration=[1]), "plan.json: configuration: must be an object"),
        (plan_of(prior_state={"values": 1}), "plan.json: prior_state.values: must be an object"),
    ],
)
def test_input_that_is_not_a_plan_is_refused_in_one_line(plan, message) -> None:
    if message is None:
        assert read(plan).changes == ()
        return
    with pytest.raises(InputError) as caught:
        read(plan)
    assert str(caught.value).startswith(message)


def test_a_value_nested_deeper_than_terraform_writes_is_refused() -> None:
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    with pytest.raises(InputError, match="nested too deeply"):
        read(plan_of(role_change(tags=deep)))


# Every combination of actions, and its effect on a role with its own policy.
@pytest.mark.parametrize(
    ("actions", "verdict"),
    [
        (["no-op"], "no-change"),
        (["create"], "broadens"),
        (["update"], "no-change"),
        (["delete"], "narrows"),
        (["delete", "create"], "no-change"),
        (["create", "delete"], "no-change"),
        (["forget"], "no-change"),
        (["create", "forget"], "no-change"),
        (["read"], "no-change"),
        (["something-new"], "no-change"),
    ],
)
def test_every_combination_of_actions_is_read(actions, verdict) -> None:
    values = {"name": "own", "role": "web", "policy": json.dumps(OWN)}
    before = None if actions == ["create"] else values
    after = None if actions in (["delete"], ["forget"]) else values
    assert (
        reviewed(plan_of(role_change(), change("aws_iam_role_policy.own", actions, before, after))).verdict == verdict
    )


def test_a_deposed_object_is_not_the_resource() -> None:
    kept = inline_change(OWN, OWN)
    deposed = inline_change(policy(allow("*")), None, deposed="abc")
    deposed["change"]["after"] = None
    assert reviewed(plan_of(role_change(), kept, deposed)).verdict == "no-change"


def test_errored_and_incomplete_plans_are_marked() -> None:
    report = reviewed(plan_of(role_change(), errored=True, complete=False))
    assert (report.plan.is_errored, report.plan.is_complete) == (True, False)
    assert report.notes == (
        "the plan ended with an error: this report does not show all of its changes",
        "the plan is not complete: further plans will make more changes",
    )


@pytest.mark.parametrize("case", CASES)
def test_a_plan_that_is_exported_again_has_the_same_hash(case) -> None:
    plan = plan_data(case)
    again = {key: plan[key] for key in sorted(plan, reverse=True)} | {"timestamp": "2026-01-01T00:00:00Z"}
    again["resource_changes"] = plan["resource_changes"][::-1]
    assert read(again).hash == read(plan).hash


def test_a_plan_that_applies_other_changes_has_another_hash() -> None:
    other = policy(allow("sqs:SendMessage"))
    hashes = {
        read(plan_of(role_change(), inline_change(before, after))).hash
        for before, after in ((OWN, OWN), (OWN, other), (other, OWN))
    }
    assert len(hashes) == 3


def test_resources_of_the_state_alone_are_read_too() -> None:
    # With -target a plan has only the targeted resources.
    role = role_change()
    state = {
        "address": ROLE_ADDRESS,
        "mode": "managed",
        "type": "aws_iam_role",
        "name": "web",
        "values": role["change"]["after"],
    }
    prior = {"values": {"root_module": {"resources": [state]}}}
    report = reviewed(plan_of(inline_change(OWN, policy(allow("sqs:*"))), prior_state=prior))
    assert [(role.address, role.verdict) for role in report.roles] == [(ROLE_ADDRESS, "broadens")]
    assert "TR-ACTION-SERVICE" in codes(report)


ROLE_ADDRESS = "aws_iam_role.web"
