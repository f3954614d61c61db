"""Tests the counts of what settings take out of a review: rules off or lowered, waivers, approvals by owner."""

from __future__ import annotations

from typing import Any

from taskrole.review.report import SettingsUse
from taskrole.review.settings_file import parse_settings
from tests.review.cases import NOTHING, allow, inline_change, plan_of, policy, reviewed, role_change


def use(text: str, plan: dict[str, Any] | None = None) -> SettingsUse:
    own = inline_change(NOTHING, policy(allow(["sqs:SendMessage", "sqs:ReceiveMessage"])))
    settings = parse_settings(("version: 1\n" + text).encode(), "taskrole.review.yaml")
    return reviewed(plan or plan_of(role_change(), own), settings).settings


def test_without_settings_no_finding_is_taken_out() -> None:
    assert reviewed(plan_of(role_change())).settings == SettingsUse()


def test_a_rule_that_is_off_is_listed_with_its_number_of_findings() -> None:
    counts = use("severities: {TR-RESOURCE-ANY: off, TR-QUOTA: off, TR-WAIVER: error}")
    assert counts.off == (("TR-QUOTA", 0), ("TR-RESOURCE-ANY", 1))


def test_an_unreported_expired_waiver_is_counted() -> None:
    waiver = "{rule: TR-RESOURCE-ANY, address: '*', owner: a, reason: b, expires: '2020-01-01'}"
    assert use(f"severities: {{TR-WAIVER: off}}\nwaivers: [{waiver}]").off == (("TR-WAIVER", 1),)


def test_a_rule_with_a_lower_severity_is_listed_with_its_number_of_findings() -> None:
    assert use("severities: {TR-RESOURCE-ANY: note}").lowered == (("TR-RESOURCE-ANY", 1),)
    assert use("severities: {TR-RESOURCE-ANY: error}").lowered == ()


def test_waived_findings_and_approved_changes_are_counted_by_owner() -> None:
    own = inline_change(NOTHING, policy(allow(["sqs:SendMessage", "sqs:ReceiveMessage"])))
    rows = reviewed(plan_of(role_change(), own)).roles[0].added
    approvals = "".join(f"\n  - {{key: '{row.key}', owner: team, reason: b}}" for row in rows)
    waiver = "\n  - {rule: TR-RESOURCE-ANY, address: '*', owner: web, reason: b, expires: '2030-01-01'}"
    unused = "\n  - {key: '0000000000000000', owner: unused, reason: b}"
    counts = use(f"waivers:{waiver}\napprovals:{approvals}{unused}")
    assert counts.waived == (("web", 1),)
    assert counts.approved == (("team", len(rows)),)
