"""Tests properties of the verdict for policies of any shape."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.amount import amount
from tests.review.cases import (
    CASES,
    ECS_TRUST,
    NOTHING,
    inline_change,
    plan_data,
    plan_of,
    policy,
    reviewed,
    role_change,
)

MIRRORED = {
    "no-change": {"no-change"},
    "neutral": {"neutral"},
    "unresolved": {"unresolved"},
    "narrows": {"broadens"},
    # A change that adds and removes permissions broadens both ways.
    "broadens": {"narrows", "broadens"},
}

ACTIONS = st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "sqs:SendMessage", "iam:PassRole", "*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/b", "arn:aws:sqs:eu-central-1:123456789012:q"])
CONDITIONS = st.sampled_from(
    [None, {"StringEquals": {"aws:SourceVpce": "v1"}}, {"StringEquals": {"aws:SourceVpce": ["v1", "v2"]}}]
)


@st.composite
def statements(draw, effects=("Allow", "Allow", "Allow", "Deny")) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(effects)),
        "Action": draw(st.lists(ACTIONS, min_size=1, max_size=3, unique=True)),
        "Resource": draw(st.lists(RESOURCES, min_size=1, max_size=3, unique=True)),
    }
    condition = draw(CONDITIONS)
    return {**statement, "Condition": condition} if condition else statement


POLICIES = st.lists(statements(), max_size=4).map(lambda parts: policy(*parts))
SIDES = POLICIES | st.just(NOTHING)


def verdict(before: Any, after: Any, *more: dict[str, Any]) -> str:
    own = [] if before is NOTHING and after is NOTHING else [inline_change(before, after)]
    report = reviewed(plan_of(role_change(), *own, *more))
    # A plan without changes has no roles.
    return report.verdict


@given(SIDES, SIDES)
@settings(max_examples=amount(80))
def test_a_reversed_plan_has_the_mirrored_verdict(before, after) -> None:
    assert verdict(after, before) in MIRRORED[verdict(before, after)]


@pytest.mark.parametrize("case", CASES)
def test_a_reversed_real_plan_has_the_mirrored_verdict(case) -> None:
    plan = plan_data(case)
    forward = reviewed(plan)
    # A value that is unknown after the apply cannot be mirrored, nor can actions other than an update.
    touched = [change for change in plan["resource_changes"] if change["change"]["actions"] != ["no-op"]]
    if any(change["change"]["actions"] != ["update"] for change in touched):
        return
    for change in plan["resource_changes"]:
        values = change["change"]
        values["before"], values["after"] = values["after"], values["before"]
    plan.pop("prior_state", None)
    assert reviewed(plan).verdict in MIRRORED[forward.verdict]


@given(POLICIES, st.randoms())
@settings(max_examples=amount(60))
def test_a_reordered_policy_is_neutral(before, random) -> None:
    after = copy.deepcopy(before)
    random.shuffle(after["Statement"])
    for statement in after["Statement"]:
        random.shuffle(statement["Action"])
        random.shuffle(statement["Resource"])
        statement["Sid"] = f"New{random.randrange(10**6)}"
    assert verdict(before, after) in ("neutral", "no-change")


@given(POLICIES)
@settings(max_examples=amount(60))
def test_a_policy_split_into_a_statement_for_each_call_is_neutral(before) -> None:
    after = policy(
        *(
            {**statement, "Action": action, "Resource": resource}
            for statement in before["Statement"]
            for action in statement["Action"]
            for resource in statement["Resource"]
        )
    )
    assert verdict(before, after) in ("neutral", "no-change")


@given(POLICIES)
@settings(max_examples=amount(40))
def test_a_policy_split_into_several_policies_is_neutral(before) -> None:
    halves = [policy(*before["Statement"][::2]), policy(*before["Statement"][1::2])]
    more = inline_change(NOTHING, halves[1], "aws_iam_role_policy.more")
    assert verdict(before, halves[0], more) in ("neutral", "no-change")


@given(POLICIES, statements(effects=("Allow",)))
@settings(max_examples=amount(80))
def test_adding_an_allow_never_narrows(before, added) -> None:
    assert verdict(before, policy(*before["Statement"], added)) != "narrows"


@given(POLICIES, statements(effects=("Deny",)))
@settings(max_examples=amount(80))
def test_adding_a_deny_never_broadens(before, added) -> None:
    assert verdict(before, policy(*before["Statement"], added)) != "broadens"


TRUSTED = st.lists(
    st.sampled_from(
        [
            ECS_TRUST["Statement"][0],
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:role/a"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        ]
    ),
    min_size=1,
    max_size=3,
).map(lambda parts: policy(*parts))


@given(TRUSTED, TRUSTED)
@settings(max_examples=amount(80))
def test_a_reversed_trust_policy_has_the_mirrored_verdict(before, after) -> None:
    forward, backward = (reviewed(plan_of(role_change(*pair))).verdict for pair in ((before, after), (after, before)))
    assert backward in MIRRORED[forward]
