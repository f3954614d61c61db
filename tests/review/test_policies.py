"""Tests the comparison of customer managed policies that a plan touches."""

from __future__ import annotations

import json
from typing import Any

from taskrole.review.report import PolicyReview, Report
from taskrole.review.review import ReviewOptions
from tests.review.cases import NOTHING, TODAY, allow, plan_of, policy, reviewed
from tests.review.test_settings import settings

ARN = "arn:aws:iam::123456789012:policy/shared"
GATE = ReviewOptions(require_approval="broadening", today=TODAY)
SEND, EVERYTHING = policy(allow("sqs:SendMessage", "*")), policy(allow("*", "*"))


def edited(before: Any, after: Any, count: int | None = 0) -> dict[str, Any]:
    def values(document: Any) -> Any:
        if document is NOTHING:
            return None
        known = {} if count is None else {"attachment_count": count}
        return {"name": "shared", "arn": ARN, "policy": json.dumps(document), **known}

    actions = ["create"] if before is NOTHING else ["delete"] if after is NOTHING else ["update"]
    change = {"actions": actions, "before": values(before), "after": values(after), "after_unknown": {}}
    return {
        "address": "aws_iam_policy.shared",
        "mode": "managed",
        "type": "aws_iam_policy",
        "name": "shared",
        "change": change,
    }


def only(report: Report) -> PolicyReview:
    [review] = report.policies
    return review


def test_an_edit_of_a_shared_policy_is_compared_by_itself() -> None:
    report = reviewed(plan_of(edited(SEND, EVERYTHING, 12)), None, GATE)
    review = only(report)
    assert (review.verdict, review.counts, review.attachments, review.seen) == ("broadens", True, 12, 0)
    assert [row.actions for row in review.added] == [("*",)]
    assert report.verdict == "broadens"
    assert report.blocked


def test_an_edit_that_narrows_is_not_blocked() -> None:
    report = reviewed(plan_of(edited(EVERYTHING, SEND, 12)), None, GATE)
    assert only(report).verdict == "narrows"
    assert not report.blocked


def test_a_removed_deny_statement_broadens() -> None:
    denied = policy(allow("sqs:*", "*"), {**allow("sqs:DeleteQueue"), "Effect": "Deny"})
    report = reviewed(plan_of(edited(denied, policy(allow("sqs:*", "*")), 3)), None, GATE)
    assert report.verdict == "broadens"
    assert report.blocked


def test_a_policy_without_roles_may_be_a_boundary() -> None:
    report = reviewed(plan_of(edited(SEND, EVERYTHING, 0)), None, GATE)
    assert only(report).counts
    assert report.blocked


def test_a_policy_with_unknown_attachments_counts() -> None:
    assert only(reviewed(plan_of(edited(SEND, EVERYTHING, None)))).counts


def test_a_new_unattached_policy_of_all_actions_is_mentioned() -> None:
    review = only(reviewed(plan_of(edited(NOTHING, EVERYTHING))))
    assert not review.counts
    assert review.note == "new, and attached to no known role; it allows every action on every resource"


def test_a_malformed_text_is_unresolved() -> None:
    change = edited(SEND, SEND, 1)
    change["change"]["after"]["policy"] = '{"Statement": [], "Statement": []}'
    report = reviewed(plan_of(change), None, GATE)
    assert report.verdict == "unresolved"
    assert [value.address for value in report.unresolved] == ["aws_iam_policy.shared"]
    assert report.blocked


def test_a_whole_change_is_approved_by_a_single_key() -> None:
    plan = plan_of(edited(SEND, EVERYTHING, 12))
    key = only(reviewed(plan)).key
    text = f"version: 1\napprovals:\n  - {{key: '{key}', owner: a, reason: b}}"
    assert not reviewed(plan, settings(text), GATE).blocked
