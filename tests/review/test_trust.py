"""Tests changes of trust policies in whole plans: their verdict, and the approval that they need."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions
from tests.review.cases import ECS_TRUST, plan_of, policy, reviewed, role_change

A = "123456789012"
OTHER = "999999999999"
ECS = ECS_TRUST["Statement"][0]
OPTIONS = ReviewOptions(require_approval="broadening", today=datetime.date(2026, 11, 24))


def by(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **more}


def changed(before: Any, after: Any, **more: Any) -> Report:
    return reviewed(plan_of(role_change(before, after, **more)), options=OPTIONS)


def test_a_role_of_the_same_account_added_beside_the_root_broadens() -> None:
    own = [f"arn:aws:iam::{A}:root"]

    report = changed(policy(by({"AWS": own})), policy(by({"AWS": [*own, f"arn:aws:iam::{A}:role/intern"]})))

    assert report.verdict == "broadens"
    assert report.blocked
    assert [finding.code for finding in report.findings] == ["TR-TRUST-PRINCIPAL"]


def test_the_own_account_is_the_account_of_the_role() -> None:
    trusts = [policy(by({"AWS": [OTHER, *more]})) for more in ([], [f"arn:aws:iam::{OTHER}:role/intern"])]

    assert changed(*trusts).verdict == "neutral"
    assert changed(*trusts, arn=f"arn:aws:iam::{OTHER}:role/web").verdict == "broadens"
    assert changed(*trusts, arn=None).verdict == "broadens"


def test_a_removed_condition_is_reported_with_its_content() -> None:
    report = changed(ECS_TRUST, policy(by(ECS["Principal"])))

    assert [change.sentence for change in report.roles[0].trust.changes] == [
        f"ecs-tasks.amazonaws.com can assume it if aws:SourceAccount StringEquals {A}: now without any condition"
    ]
    assert [finding.message for finding in report.findings if finding.code == "TR-TRUST-CONDITIONS"] == [
        "ecs-tasks.amazonaws.com can assume role web without any condition;"
        f" before, only if aws:SourceAccount StringEquals {A}"
    ]


def test_a_sensitive_trust_policy_is_reported_without_its_changes() -> None:
    change = role_change(ECS_TRUST, policy(by(ECS["Principal"])))
    change["change"]["after_sensitive"] = {"assume_role_policy": True}

    (role,) = reviewed(plan_of(change)).roles

    assert role.trust.changes == ()
    assert role.trust.added == ("(sensitive value)",)


@pytest.mark.parametrize(("removed", "blocked"), [("before", True), ("after", False)])
def test_a_removed_deny_of_trust_needs_an_approval(removed: str, blocked: bool) -> None:
    denied = by("*", "Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    policies = [policy(ECS, denied), policy(ECS)]

    report = changed(*policies if removed == "before" else policies[::-1])

    assert any("who can assume it" in reason for reason in report.reasons) is blocked


def test_not_principal_is_unresolved() -> None:
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": A}, "Action": "sts:AssumeRole"}

    report = changed(ECS_TRUST, policy(ECS, deny))

    assert report.verdict == "unresolved"
    assert [(value.attribute, value.because) for value in report.unresolved] == [
        ("assume_role_policy", "after: statement 2 has NotPrincipal, which the trust policy of a role cannot have")
    ]
