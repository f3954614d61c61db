"""Tests that findings on untouched resources are marked, and block only with --all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions
from taskrole.review.settings_file import parse_settings
from tests.review.cases import (
    NOTHING,
    TODAY,
    allow,
    change,
    inline_change,
    plan_of,
    policy,
    reviewed,
    role_change,
    task_change,
)

WIDE = policy(allow("s3:*"))
QUEUE = policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:jobs"))
ALL = ReviewOptions(fail_on="note", include_unchanged=True, today=TODAY)
NOTE = ReviewOptions(fail_on="note", today=TODAY)


def other_role(name: str = "old") -> dict[str, Any]:
    role = role_change()
    arn = f"arn:aws:iam::123456789012:role/{name}"
    for side in ("before", "after"):
        role["change"][side] |= {"name": name, "arn": arn}
    return role | {"address": f"aws_iam_role.{name}", "name": name}


def old_policy(role: str = "old") -> dict[str, Any]:
    """Return an untouched inline policy that allows too much."""
    own = inline_change(WIDE, WIDE, address=f"aws_iam_role_policy.{role}")
    for side in ("before", "after"):
        own["change"][side]["role"] = role
    return own


def findings(report: Report, address: str) -> set[bool]:
    return {finding.touched for finding in report.findings if finding.source == address}


def test_a_finding_on_a_role_that_the_plan_leaves_alone_does_not_block() -> None:
    # given: an old fault, and a change of another resource
    plan = plan_of(other_role(), old_policy(), role_change(), inline_change(NOTHING, QUEUE))

    report = reviewed(plan, None, ALL)

    # then: it is reported, and blocks because of --all
    assert findings(report, "aws_iam_role_policy.old") == {False}
    assert report.blocked


def _drifted(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan in which the old role drifted, so that it is reviewed although it is not changed."""
    drift = other_role()
    drift["change"] = {**drift["change"], "actions": ["update"]}
    drift["change"]["after"] = drift["change"]["after"] | {"tags": {"a": "b"}}
    return {**plan, "resource_drift": [drift]}


def test_an_old_finding_is_reported_and_does_not_block_without_all() -> None:
    plan = _drifted(plan_of(other_role(), old_policy()))
    report = reviewed(plan, None, NOTE)
    assert findings(report, "aws_iam_role_policy.old") == {False}
    assert not report.blocked
    assert reviewed(plan, None, replace(NOTE, include_unchanged=True)).blocked


def test_a_finding_on_what_the_plan_does_blocks() -> None:
    report = reviewed(plan_of(role_change(), inline_change(NOTHING, WIDE)), None, NOTE)
    assert findings(report, "aws_iam_role_policy.own") == {True}
    assert report.reasons == ("2 unwaived warnings",)


def test_an_old_policy_of_a_touched_role_blocks() -> None:
    plan = plan_of(other_role(), old_policy(), inline_change(NOTHING, QUEUE))
    plan["resource_changes"][2]["change"]["after"]["role"] = "old"
    assert findings(reviewed(plan), "aws_iam_role_policy.old") == {True}


def test_an_old_policy_of_a_role_with_a_touched_task_definition_blocks() -> None:
    plan = plan_of(other_role(), old_policy(), task_change(execution_role_arn="arn:aws:iam::123456789012:role/old"))
    assert findings(reviewed(plan), "aws_iam_role_policy.old") == {True}


@pytest.mark.parametrize(
    ("more", "touched"),
    [
        ({"previous_address": "aws_iam_role.older"}, False),
        ({"importing": {"id": "old"}}, True),
    ],
)
def test_a_moved_role_is_untouched_and_an_imported_role_is_touched(more, touched) -> None:
    role = other_role()
    if "importing" in more:
        role["change"]["importing"] = more["importing"]
    else:
        role |= more
    report = reviewed(_drifted(plan_of(role, old_policy())))
    assert findings(report, "aws_iam_role_policy.old") == {touched}


def test_drift_and_errors_of_the_settings_block_whatever_the_plan_touches() -> None:
    drift = other_role()
    drift["change"] = {**drift["change"], "actions": ["update"]}
    drift["change"]["after"] = drift["change"]["after"] | {"inline_policy": [{"name": "x", "policy": "{}"}]}
    text = (
        "version: 1\nwaivers: [{rule: TR-QUOTA}]\n"
        "assertions: [{role: old, action: 's3:GetObject', resource: '*', must: deny}]"
    )
    plan = {**plan_of(other_role(), old_policy()), "resource_drift": [drift]}
    report = reviewed(plan, parse_settings(text.encode(), "taskrole.review.yaml"), NOTE)
    counted = {finding.code for finding in report.findings if finding.touched}
    assert {"TR-ASSERTION", "TR-WAIVER", "TR-DRIFT-POLICY"} <= counted
    assert "TR-ACTION-SERVICE" not in counted


def test_a_policy_shared_by_a_touched_and_an_untouched_role_blocks() -> None:
    arn = "arn:aws:iam::123456789012:policy/shared"
    values = {"name": "shared", "arn": arn, "policy": json.dumps(WIDE)}
    shared = change("aws_iam_policy.shared", ["no-op"], values, values)
    links = [
        change(f"aws_iam_role_policy_attachment.{role}", ["no-op"], link, link)
        for role in ("old", "web")
        for link in [{"role": role, "policy_arn": arn}]
    ]
    plan = plan_of(other_role(), role_change(), shared, *links, inline_change(NOTHING, QUEUE))
    assert findings(reviewed(plan), "aws_iam_policy.shared") == {True}
