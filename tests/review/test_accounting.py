"""Tests that a review accounts for every change of a plan of any shape."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.errors import InputError
from taskrole.review.render.json_report import render_json
from taskrole.review.review import ReviewOptions, review
from taskrole.review.settings import Approval, ReviewSettings
from tests.amount import amount
from tests.review.cases import ECS_TRUST, TODAY, allow, change, plan_of, policy, reviewed

AWS = "registry.terraform.io/hashicorp/aws"
ACTIONS = (["create"], ["update"], ["delete"], ["delete", "create"], ["create", "delete"])
STATEMENTS = [allow("s3:GetObject"), allow("sqs:SendMessage"), allow("iam:PassRole"), allow("*")]
POLICIES = st.sampled_from([json.dumps(policy(statement)) for statement in STATEMENTS])
ROLES = ("web", "api", "elsewhere")
ARNS = st.sampled_from([f"arn:aws:iam::123456789012:policy/{name}" for name in ("a", "b", "c")])
ROLE_ARNS = st.sampled_from([f"arn:aws:iam::123456789012:role/{name}" for name in ROLES])
TRUSTS = st.sampled_from(
    [
        json.dumps({**ECS_TRUST, "Statement": [{**ECS_TRUST["Statement"][0], "Principal": {"Service": service}}]})
        for service in ("ecs-tasks.amazonaws.com", "lambda.amazonaws.com", "ec2.amazonaws.com")
    ]
)
# By type: its attributes, and those whose changes must always be reported.
KINDS: dict[str, tuple[dict[str, st.SearchStrategy[Any]], tuple[str, ...]]] = {
    "aws_iam_role_policy": (
        {"name": st.just("p"), "role": st.sampled_from(ROLES), "policy": POLICIES},
        ("policy", "role"),
    ),
    "aws_iam_role_policy_attachment": ({"role": st.sampled_from(ROLES), "policy_arn": ARNS}, ("role", "policy_arn")),
    "aws_s3_bucket_policy": ({"bucket": st.just("b"), "policy": POLICIES}, ("policy",)),
    "aws_kms_grant": ({"grantee_principal": ROLE_ARNS}, ("grantee_principal",)),
    "aws_lambda_function": ({"function_name": st.just("f"), "role": ROLE_ARNS}, ("role",)),
    "aws_lambda_permission": (
        {"principal": st.sampled_from(["*", "s3.amazonaws.com", "sns.amazonaws.com"])},
        ("principal",),
    ),
    "aws_iam_openid_connect_provider": ({"arn": ARNS, "url": st.just("u")}, ("arn",)),
    "awscc_iam_role": ({"role_name": st.sampled_from(ROLES), "policies": POLICIES}, ("policies", "role_name")),
    "acme_door": ({"role": ROLE_ARNS}, ("role",)),
    "aws_vpc": ({"cidr_block": st.just("10.0.0.0/16")}, ()),
}


@st.composite
def changes(draw: Any) -> list[dict[str, Any]]:
    """Changes of resources of many types, some of one role that the plan updates."""
    drawn = []
    for place, type_ in enumerate(draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=5))):
        actions = draw(st.sampled_from(ACTIONS))
        attributes = KINDS[type_][0]
        before, after = ({name: draw(values) for name, values in attributes.items()} for _ in range(2))
        for values in (before, after):
            # Two resources that give the same to a role are tested apart.
            values |= {key: f"{values[key]}{place}" for key in ("name", "policy_arn") if key in values}
        if actions == ["update"] and before == after:
            before["name_prefix"] = "other"
        sides = None if actions == ["create"] else before, None if actions == ["delete"] else after
        drawn.append({**change(f"{type_}.r{place}", actions, *sides), "provider_name": AWS})
    # The role is there before: a new one has no policies that could be updated.
    before, after = draw(TRUSTS), draw(TRUSTS)
    sides = [
        {"name": "web", "arn": "arn:aws:iam::123456789012:role/web", "assume_role_policy": trust}
        for trust in (before, after)
    ]
    actions = ["no-op"] if before == after else ["update"]
    drawn.append({**change("aws_iam_role.web", actions, *sides), "provider_name": AWS})
    return drawn


def report_bytes(drawn: list[dict[str, Any]]) -> bytes:
    return render_json(reviewed(plan_of(*drawn))).encode()


@given(drawn=changes())
@settings(max_examples=25)
def test_every_change_is_in_exactly_one_class(drawn: list[dict[str, Any]]) -> None:
    role = next(entry for entry in drawn if entry["address"] == "aws_iam_role.web")
    values = role["change"]["after"]
    moved = {**change("aws_iam_role.to", ["no-op"], values, values), "previous_address": "aws_iam_role.from"}
    left_over = change("aws_iam_role.web", ["delete"], values, None, deposed="abc")
    later = {"reason": "unknown", "resource_change": change("aws_iam_role.later", ["create"], None, values)}
    report = reviewed(plan_of(*drawn, moved, left_over, deferred_changes=[later], action_invocations=[{"type": "x"}]))
    touched = [entry for entry in drawn if entry["change"]["actions"] != ["no-op"]]
    touched += [moved, left_over, later["resource_change"], {"address": "action_invocations[0]"}]
    counts = report.accounting
    assert counts.explained + counts.without_effect + counts.not_reviewed == len(touched)
    assert counts.not_reviewed == len(report.not_reviewed)
    assert {entry.address for entry in report.not_reviewed} <= {entry["address"] for entry in touched}


@given(drawn=changes(), data=st.data())
@settings(max_examples=amount(40))
def test_a_changed_grant_of_a_touched_resource_changes_the_report(
    drawn: list[dict[str, Any]], data: st.DataObject
) -> None:
    touched = [place for place, entry in enumerate(drawn) if entry["change"]["actions"] != ["no-op"]]
    place = data.draw(st.sampled_from(touched))
    mutated = copy.deepcopy(drawn)
    entry = mutated[place]
    attributes, matters = KINDS.get(entry["type"], ({"assume_role_policy": TRUSTS}, ("assume_role_policy",)))
    attribute = data.draw(st.sampled_from(["provider_name", *matters]))
    if attribute == "provider_name":
        entry["provider_name"] = "registry.terraform.io/acme/aws"
    else:
        sides = [side for side in ("before", "after") if entry["change"][side] is not None]
        values = entry["change"][data.draw(st.sampled_from(sides))]
        values[attribute] = data.draw(attributes[attribute].filter(lambda value: value != values[attribute]))
        if entry["change"]["before"] == entry["change"]["after"]:
            return
    assert report_bytes(mutated) != report_bytes(drawn)


UNSEEN = {**change("aws_cloudformation_stack.s", ["create"], None, {"name": "s"}), "provider_name": AWS}


def test_iam_created_outside_of_the_review_is_unresolved_and_blocks_without_an_approval() -> None:
    report = reviewed(plan_of(UNSEEN), options=ReviewOptions(require_approval="broadening", today=TODAY))
    assert report.verdict == "unresolved"
    assert [value.address for value in report.unresolved] == ["aws_cloudformation_stack.s"]
    assert report.blocked
    assert report.unresolved[0].key in report.reasons[0]


def test_an_approval_of_iam_created_outside_of_the_review_unblocks() -> None:
    key = reviewed(plan_of(UNSEEN)).unresolved[0].key
    options = ReviewOptions(require_approval="broadening", today=TODAY)
    report = reviewed(plan_of(UNSEEN), ReviewSettings(approvals=[Approval(key, "a", "b", "c")]), options)
    assert not report.blocked


def test_an_approval_of_another_template_does_not_count() -> None:
    other = copy.deepcopy(UNSEEN)
    other["change"]["after"]["template_body"] = "{}"
    assert reviewed(plan_of(UNSEEN)).unresolved[0].key != reviewed(plan_of(other)).unresolved[0].key


def deeply_nested(depth: int) -> bytes:
    entry = {**change("acme_door.d", ["create"], None, {"x": "DEEP"}), "provider_name": "acme/acme"}
    return json.dumps(plan_of(entry)).replace('"DEEP"', '{"a":' * depth + "1" + "}" * depth).encode()


@pytest.mark.parametrize("depth", [50, 900])
def test_deeply_nested_values_are_listed(depth: int) -> None:
    assert review(deeply_nested(depth)).accounting.not_reviewed == 1


def test_too_deeply_nested_values_are_refused() -> None:
    with pytest.raises(InputError, match="nested at most 200 levels"):
        review(deeply_nested(5000))
