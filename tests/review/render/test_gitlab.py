"""Tests GitLab's two reports by the formats of its documentation."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from taskrole.review.render import RENDERERS
from tests.review.render.reports import BROADENING, OPTIONS, QUIET, REPORTS, UNRESOLVED, report
from tests.review.render.test_sarif import finding


def quality(tested) -> list[dict]:
    return json.loads(RENDERERS["gitlab-codequality"](tested, OPTIONS))


def test_the_terraform_report_counts_what_the_plan_does() -> None:
    assert json.loads(RENDERERS["gitlab-terraform"](BROADENING, OPTIONS)) == {"create": 1, "update": 3, "delete": 1}


@pytest.mark.parametrize("name", [*REPORTS, *QUIET])
def test_every_issue_has_the_fields_that_gitlab_requires(name: str) -> None:
    issues = quality({**REPORTS, **QUIET}[name])

    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert re.fullmatch("[0-9a-f]{64}", issue["fingerprint"])
        assert not issue["location"]["path"].startswith(("/", "./", "../"))
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_severities_are_those_of_gitlab_and_a_waived_finding_is_info() -> None:
    severities = {issue["check_name"]: issue["severity"] for issue in quality(BROADENING)}

    assert severities == {
        "passrole-without-service": "critical",
        "wildcard-action": "major",
        "broad-managed-policy": "info",
    }


def test_an_unresolved_value_is_an_issue() -> None:
    assert [issue["check_name"] for issue in quality(UNRESOLVED)] == ["unresolved", "unresolved"]


def test_a_location_outside_of_the_repository_is_left_out() -> None:
    (issue,) = quality(report("broadens", findings=(finding(file="/etc/passwd", line=3),)))

    assert issue["location"] == {"path": "main.py", "lines": {"begin": 1}}


def test_the_same_finding_of_two_stacks_is_two_issues() -> None:
    (issue,) = quality(report("broadens", findings=(finding(),)))
    other = json.loads(
        RENDERERS["gitlab-codequality"](report("broadens", findings=(finding(),)), replace(OPTIONS, stack="orders"))
    )[0]

    assert issue["fingerprint"] != other["fingerprint"]
