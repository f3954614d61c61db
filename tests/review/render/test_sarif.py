"""Tests SARIF: valid by the official schema, within GitHub's limits, with stable fingerprints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from taskrole.finding import Finding
from taskrole.output.formats.sarif import MOST_RESULTS
from taskrole.review.render import RENDERERS
from taskrole.review.report import Report
from tests.review.render.reports import BROADENING, OPTIONS, QUIET, REPORTS, UNRESOLVED, report

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))


def run(tested: Report) -> dict[str, Any]:
    return json.loads(RENDERERS["sarif"](tested, OPTIONS))["runs"][0]


def finding(code: str = "wildcard-action", severity: str = "error", **others) -> Finding:
    given = {"source": "aws_iam_role.web", "message": "too much", "fix": "less", **others}
    return Finding(code, severity, **given)


def test_the_schema_refuses_invalid_sarif() -> None:
    """Guards the tests below, which a schema that accepts everything would pass."""
    wrong = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a"}}, "results": [{"message": "text"}]}]}

    assert not Draft4Validator(SCHEMA).is_valid(wrong)


@pytest.mark.parametrize("name", [*REPORTS, *QUIET])
def test_every_report_is_valid_sarif(name: str) -> None:
    Draft4Validator(SCHEMA).validate(json.loads(RENDERERS["sarif"]({**REPORTS, **QUIET}[name], OPTIONS)))


def test_a_result_names_the_address_and_the_location_in_the_source() -> None:
    (location,) = run(BROADENING)["results"][0]["locations"]

    assert location == {
        "physicalLocation": {"artifactLocation": {"uri": "stacks/payments.py"}, "region": {"startLine": 42}},
        "logicalLocations": [{"fullyQualifiedName": "aws_iam_role_policy.payments_exec", "kind": "resource"}],
    }


@pytest.mark.parametrize("file", ["/etc/passwd", "../secrets.py", "a/../../b", "C:\\x.py", "", "."])
def test_a_location_outside_of_the_repository_is_left_out(file: str) -> None:
    (result,) = run(report("broadens", findings=(finding(file=file, line=7),)))["results"]

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "main.py"},
        "region": {"startLine": 1},
    }


def test_rules_and_results_refer_to_each_other() -> None:
    sarif_run = run(BROADENING)
    rules = sarif_run["tool"]["driver"]["rules"]

    assert [rules[result["ruleIndex"]]["id"] for result in sarif_run["results"]] == [
        result["ruleId"] for result in sarif_run["results"]
    ]


def test_waivers_are_suppressions() -> None:
    suppressed = {result["ruleId"]: result["suppressions"] for result in run(BROADENING)["results"]}

    assert suppressed == {
        "passrole-without-service": [],
        "wildcard-action": [],
        "broad-managed-policy": [
            {
                "kind": "external",
                "status": "accepted",
                "justification": "Waived by platform@example.com until 2027-01-31: until the log groups are moved",
            }
        ],
    }


def test_an_unresolved_value_is_a_result() -> None:
    assert [result["ruleId"] for result in run(UNRESOLVED)["results"]] == ["unresolved", "unresolved"]


def test_a_fingerprint_depends_on_the_address_and_not_on_line_or_severity() -> None:
    def prints(*findings: Finding) -> list[str]:
        return [
            result["partialFingerprints"]["taskrole/v1"]
            for result in run(report("broadens", findings=findings))["results"]
        ]

    (plain,) = prints(finding())
    (moved,) = prints(finding(severity="note", file="a.py", line=9))
    (elsewhere,) = prints(finding(source="aws_iam_role.worker"))

    assert plain == moved
    assert plain != elsewhere


def test_a_rule_is_as_severe_as_its_most_severe_active_finding() -> None:
    sarif_run = run(report("broadens", findings=(finding(severity="note"), finding(severity="warning", source="b"))))

    (rule,) = sarif_run["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert rule["properties"]["security-severity"] == "5.0"
    assert rule["helpUri"] == "https://docs.example.com/taskrole/review-rules#wildcard-action"


@pytest.mark.slow
def test_results_above_the_limit_of_github_are_cut_by_severity_and_reported() -> None:
    many = tuple(finding(severity="note", source=f"role {number}") for number in range(MOST_RESULTS))

    sarif_run = run(report("broadens", findings=(*many, finding())))

    assert len(sarif_run["results"]) == MOST_RESULTS
    assert sarif_run["results"][0]["level"] == "error"
    assert sarif_run["invocations"][0]["toolExecutionNotifications"] == [
        {"level": "warning", "message": {"text": "Left out, since GitHub accepts 25,000 per run: 1 result."}}
    ]


def test_stacks_have_different_categories() -> None:
    other = json.loads(RENDERERS["sarif"](BROADENING, replace(OPTIONS, stack="orders")))["runs"][0]

    assert other["automationDetails"] == {"id": "taskrole/orders/"}
    assert other["results"][0]["partialFingerprints"] != run(BROADENING)["results"][0]["partialFingerprints"]
