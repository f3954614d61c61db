"""Tests the reviewer's settings: waivers, severities, assertions and approvals."""

from __future__ import annotations

import datetime
import textwrap
from typing import Any

import pytest

from taskrole.errors import InputError
from taskrole.review.review import ReviewOptions
from taskrole.review.settings import ReviewSettings
from taskrole.review.settings_file import parse_settings
from tests.review.cases import (
    NOTHING,
    TODAY,
    allow,
    change,
    codes,
    inline_change,
    plan_of,
    policy,
    reviewed,
    role_change,
)

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:jobs"


def settings(text: str) -> ReviewSettings:
    return parse_settings(textwrap.dedent(text).encode(), "taskrole.review.yaml")


def broad_plan() -> dict[str, Any]:
    return plan_of(role_change(), inline_change(NOTHING, policy(allow(["sqs:SendMessage", "sqs:ReceiveMessage"]))))


def waiver(**changes: str | None) -> str:
    fields = {
        "rule": "TR-RESOURCE-ANY",
        "address": "aws_iam_role_policy.*",
        "owner": "team-web",
        "reason": "made at run time",
        "expires": '"2026-12-31"',
    } | changes
    lines = [f"{key}: {value}" for key, value in fields.items() if value is not None]
    return "version: 1\nwaivers:\n  - " + "\n    ".join(lines)


def finding_of(text: str, plan: dict[str, Any] | None = None, code: str = "TR-RESOURCE-ANY") -> Any:
    report = reviewed(plan or broad_plan(), settings(text))
    return next((finding for finding in report.findings if finding.code == code), None)


@pytest.mark.parametrize(
    "text",
    [
        waiver(),
        waiver(expires='"2026-11-24"'),
        waiver(action="sqs:*"),
        waiver(action='"SQS:*Message"', resource='"[*]"'.replace("[", "").replace("]", "")),
        waiver(address="aws_iam_role_policy.own"),
    ],
)
def test_a_waiver_waives_a_finding_and_names_its_owner(text) -> None:
    waived = finding_of(text).waived
    assert (waived.owner, waived.reason) == ("team-web", "made at run time")


@pytest.mark.parametrize(
    "text",
    [
        waiver(rule="TR-ACTION-ANY"),
        waiver(address="aws_iam_role_policy.other"),
        # Only some of the actions: the others are not waived.
        waiver(action="sqs:SendMessage"),
        waiver(resource="arn:aws:sqs:*"),
    ],
)
def test_a_waiver_of_something_else_waives_nothing(text) -> None:
    assert finding_of(text).waived is None


def test_brackets_in_an_address_are_literal() -> None:
    address = 'module.a["x"].aws_iam_role_policy.own'
    own = inline_change(NOTHING, policy(allow("sqs:SendMessage")))
    own |= {"address": address, "module_address": 'module.a["x"]'}
    plan = plan_of(role_change(), own)
    assert finding_of(waiver(address=f"'{address}'"), plan).waived
    assert finding_of(waiver(address="'module.a[*].aws_iam_role_policy.own'"), plan).waived
    assert finding_of(waiver(address="module.a.*"), plan).waived is None


def test_an_expired_waiver_is_ignored_and_reported() -> None:
    report = reviewed(broad_plan(), settings(waiver(expires='"2026-11-23"')))
    messages = {finding.code: (finding.waived, finding.message) for finding in report.findings}
    assert messages["TR-RESOURCE-ANY"][0] is None
    assert messages["TR-WAIVER"][1] == (
        "taskrole.review.yaml:3:5: the waiver of TR-RESOURCE-ANY by team-web expired on 2026-11-23"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (waiver(expires="soon"), ":7:5: waivers[0].expires: must be a date, YYYY-MM-DD; got 'soon'"),
        (waiver(expires=None), ":3:5: waivers[0]: must have the key expires"),
        (waiver(owner=None), ":3:5: waivers[0]: must have the key owner"),
        (
            waiver(rule="TR-RESOURCE"),
            ":3:5: waivers[0].rule: unknown rule 'TR-RESOURCE'; did you mean TR-RESOURCE-ANY?",
        ),
        (waiver(adress="x"), ":8:5: waivers[0].adress: unknown key 'adress'; did you mean address?"),
        ("version: 1\nwaivers: [5]", ":2:11: waivers[0]: must be a mapping; got 5"),
        (
            "version: 1\napprovals: [{key: x, owner: a, reason: b}]",
            "approvals[0].key: must match ^[0-9a-f]{16}$; got 'x'",
        ),
    ],
)
def test_a_malformed_waiver_is_ignored_and_reported(text, message) -> None:
    report = reviewed(broad_plan(), settings(text))
    messages = [finding.message for finding in report.findings if finding.code == "TR-WAIVER"]
    assert len(messages) == 1
    assert message in messages[0]
    assert all(finding.waived is None for finding in report.findings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "taskrole.review.yaml:1:1: must be a mapping with the key version"),
        ("version: 2", "taskrole.review.yaml:1:1: version: must be 1; got 2"),
        ("severities: {}", "taskrole.review.yaml:1:1: must have the key version"),
        ("version: 1\nwaiver: []", "taskrole.review.yaml:2:1: waiver: unknown key 'waiver'; did you mean waivers?"),
        (
            "version: 1\nseverities:\n  TR-QUOTAS: off",
            "taskrole.review.yaml:3:3: severities.TR-QUOTAS: unknown rule 'TR-QUOTAS'; did you mean TR-QUOTA?",
        ),
        (
            "version: 1\nseverities:\n  TR-QUOTA: fatal",
            "taskrole.review.yaml:3:3: severities.TR-QUOTA: must be error, warning, note or off; got 'fatal'",
        ),
        ('version: 1\naccount: "12"', "taskrole.review.yaml:2:1: account: must be 12 digits in quotes; got '12'"),
        (
            "version: 1\nassertions:\n  - {role: a, action: 's3:GetObject', resource: '*', muss: deny}",
            "taskrole.review.yaml:3:54: assertions[0].muss: unknown key 'muss'; did you mean must?",
        ),
        (
            "version: 1\nassertions:\n  - {role: a, action: GetObject, resource: '*', must: deny}",
            "taskrole.review.yaml:3:15: assertions[0].action: must match ",
        ),
    ],
)
def test_other_errors_of_the_settings_stop_the_review(text, message) -> None:
    with pytest.raises(InputError) as caught:
        settings(text)
    assert message in str(caught.value)


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(InputError) as caught:
        settings("version: 3\nwaiver: []\naccount: 5")
    assert len(caught.value.problems) == 3


def test_a_rule_can_have_another_severity_or_be_off() -> None:
    assert finding_of("version: 1\nseverities: {TR-RESOURCE-ANY: error}").severity == "error"
    assert finding_of("version: 1\nseverities: {TR-RESOURCE-ANY: off}") is None


@pytest.mark.parametrize(
    ("role", "action", "resource", "must", "holds"),
    [
        ("web", "sqs:SendMessage", QUEUE, "allow", True),
        ("web", "sqs:DeleteQueue", QUEUE, "allow", False),
        ("web", "sqs:SendMessage", QUEUE, "deny", False),
        ("aws_iam_role.*", "iam:CreateUser", "*", "deny", True),
        ("other", "iam:CreateUser", "*", "deny", False),
    ],
)
def test_an_assertion_holds_or_is_an_error(role, action, resource, must, holds) -> None:
    text = f"version: 1\nassertions:\n  - {{role: '{role}', action: '{action}', resource: '{resource}', must: {must}}}"
    report = reviewed(
        plan_of(role_change(), inline_change(NOTHING, policy(allow("sqs:SendMessage", QUEUE)))), settings(text)
    )
    assert ("TR-ASSERTION" not in codes(report)) is holds


@pytest.mark.parametrize(
    ("action", "resource"), [("sqs:*", QUEUE), ("sqs:SendMessage", "*"), ("sqs:SendMessage", f"{QUEUE[:-1]}*")]
)
def test_an_assertion_covers_all_roles_and_actions_of_its_patterns(action, resource) -> None:
    text = f"version: 1\nassertions:\n  - {{role: web, action: '{action}', resource: '{resource}', must: deny}}"
    own = policy(allow("sqs:SendMessage", QUEUE))
    report = reviewed(plan_of(role_change(), inline_change(NOTHING, own)), settings(text))
    assert "TR-ASSERTION" in codes(report)


def test_an_assertion_counts_for_roles_that_the_plan_leaves_alone() -> None:
    own = policy(allow("sqs:SendMessage", QUEUE))
    text = "version: 1\nassertions:\n  - {role: web, action: 'sqs:SendMessage', resource: '*', must: allow}"
    report = reviewed(plan_of(role_change(), inline_change(own, own)), settings(text))
    assert report.roles == ()
    assert codes(report) == {"TR-ASSERTION"}


@pytest.mark.parametrize("must", ["allow", "deny"])
def test_an_unknown_result_breaks_an_assertion_of_either_kind(must) -> None:
    text = f"version: 1\nassertions:\n  - {{role: worker, action: 'sqs:SendMessage', resource: '*', must: {must}}}"
    report = reviewed("hcl-first-apply", settings(text))
    message = next(finding.message for finding in report.findings if finding.code == "TR-ASSERTION")
    assert "it is unknown: no known statement allows it, and policy inline_policy is not known" in message


def approvals(plan: dict[str, Any], expires: str = "") -> str:
    keys = [row.key for role in reviewed(plan).roles for row in role.added]
    end = f", expires: '{expires}'" if expires else ""
    return "version: 1\napprovals:" + "".join(f"\n  - {{key: '{key}', owner: a, reason: b{end}}}" for key in keys)


BROADENING = ReviewOptions(fail_on="never", require_approval="broadening", today=TODAY)


def test_broadening_without_an_approval_is_blocked() -> None:
    report = reviewed(broad_plan(), None, BROADENING)
    assert report.blocked
    assert report.reasons == ("role web: 2 grants without an approval",)


def test_an_approval_survives_another_plan_of_the_same_grant() -> None:
    text = approvals(broad_plan())
    again = broad_plan()
    again["resource_changes"][1]["change"]["after"]["policy"] = (
        '{"Version": "2012-10-17", "Statement": {"Resource": "*", "Sid": "New", "Effect": "Allow",'
        ' "Action": ["sqs:receivemessage", "sqs:sendmessage"]}}'
    )
    report = reviewed(again, settings(text), BROADENING)
    assert not report.blocked
    assert all(row.approved for role in report.roles for row in role.added)


def test_an_approval_covers_only_its_grant() -> None:
    text = approvals(broad_plan())
    other = plan_of(role_change(), inline_change(NOTHING, policy(allow("sqs:*"))))
    assert reviewed(other, settings(text), BROADENING).blocked


def test_an_expired_approval_is_ignored_and_reported() -> None:
    report = reviewed(broad_plan(), settings(approvals(broad_plan(), "2026-01-01")), BROADENING)
    assert report.blocked
    assert "TR-WAIVER" in codes(report)


@pytest.mark.parametrize(
    ("case", "required", "blocked"),
    [
        ("narrowing", "broadening", False),
        ("narrowing", "any", True),
        ("reordering", "any", False),
        ("broadening", "broadening", True),
        ("broadening", "never", False),
        ("trust-change", "broadening", True),
        ("hcl-first-apply", "broadening", True),
        ("sensitive-policy", "broadening", True),
    ],
)
def test_changes_that_broaden_need_an_approval(case, required, blocked) -> None:
    options = ReviewOptions(fail_on="never", require_approval=required, today=TODAY)
    assert reviewed(case, None, options).blocked is blocked


def test_an_unknown_change_broadens_until_it_is_approved() -> None:
    arn = "arn:aws:iam::123456789012:policy/elsewhere"
    attached = change("aws_iam_role_policy_attachment.x", ["create"], None, {"role": "web", "policy_arn": arn})
    plan = plan_of(role_change(), attached)
    report = reviewed(plan, None, BROADENING)
    (unknown,) = report.unresolved
    assert report.reasons == (
        f"role web: aws_iam_role.web {arn} is not known, which counts as broader; {unknown.key} approves it",
    )
    approved = settings(f"version: 1\napprovals: [{{key: '{unknown.key}', owner: a, reason: b}}]")
    assert not reviewed(plan, approved, BROADENING).blocked


@pytest.mark.parametrize(
    ("fail_on", "blocked"), [("error", False), ("warning", True), ("note", True), ("never", False)]
)
def test_findings_block_from_a_severity_on(fail_on, blocked) -> None:
    assert reviewed(broad_plan(), None, ReviewOptions(fail_on=fail_on, today=TODAY)).blocked is blocked


def test_a_waived_finding_does_not_block() -> None:
    options = ReviewOptions(fail_on="warning", today=datetime.date(2026, 11, 24))
    assert not reviewed(broad_plan(), settings(waiver()), options).blocked
