"""Tests JUnit: elements and attributes of Jenkins' schema and GitLab's parser, and the result of each finding."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from taskrole.review.render import RENDERERS
from taskrole.review.report import Report
from tests.review.render.reports import BROADENING, OPTIONS, QUIET, REPORTS, TRUST_OPENED, UNRESOLVED

# Element: its parent, the attributes that it must and may have. Of the schema of Jenkins' xUnit plugin (junit-10.xsd):
# https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
KNOWN = {
    "testsuites": (None, {"name", "tests", "failures", "errors"}, {"skipped"}),
    "testsuite": ("testsuites", {"name", "tests", "failures", "errors", "skipped"}, set()),
    "testcase": ("testsuite", {"name", "classname"}, {"file", "line"}),
    "failure": ("testcase", {"message", "type"}, set()),
    "error": ("testcase", {"message", "type"}, set()),
    "skipped": ("testcase", {"message"}, set()),
    "system-out": ("testcase", set(), set()),
}


def tree(report: Report, **options) -> ET.Element:
    return ET.fromstring(RENDERERS["junit"](report, replace(OPTIONS, **options)))  # noqa: S314 - our own output


@pytest.mark.parametrize("name", [*REPORTS, *QUIET])
def test_elements_and_attributes_are_those_of_the_schema(name: str) -> None:
    root = tree({**REPORTS, **QUIET}[name])
    parents = {child: parent.tag for parent in root.iter() for child in parent}

    for element in root.iter():
        parent, required, optional = KNOWN[element.tag]
        assert parents.get(element) == parent
        assert required <= set(element.attrib) <= required | optional


@pytest.mark.parametrize("name", [*REPORTS, *QUIET])
def test_counts_match_the_test_cases(name: str) -> None:
    root = tree({**REPORTS, **QUIET}[name])

    for suite in (root, *root.iter("testsuite")):
        assert int(suite.get("tests")) == len(list(suite.iter("testcase")))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == len(list(suite.iter(tag)))


def outcomes(root: ET.Element) -> dict[str, list[str]]:
    return {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}


def test_findings_at_or_above_the_limit_fail_and_waived_findings_are_skipped() -> None:
    result = outcomes(tree(BROADENING))

    assert result["passrole-without-service: aws_iam_role_policy.payments_exec"] == ["failure"]
    assert result["wildcard-action: aws_iam_role_policy.payments_exec"] == ["system-out"]
    assert result["broad-managed-policy: aws_iam_role_policy_attachment.payments_exec"] == ["skipped"]
    assert result["approval"] == ["failure"]


@pytest.mark.parametrize(("fail_on", "failures"), [("never", 0), ("error", 1), ("warning", 2), ("note", 2)])
def test_the_limit_is_that_of_the_options(fail_on: str, failures: int) -> None:
    root = tree(replace(BROADENING, blocked=False), fail_on=fail_on)

    assert root.get("failures") == str(failures)


def test_unresolved_values_and_an_incomplete_plan_are_errors() -> None:
    result = outcomes(tree(UNRESOLVED))

    assert result["completeness"] == ["error"]
    assert result["unresolved: aws_iam_role.payments_exec.assume_role_policy"] == ["error"]
    assert result['unresolved: module.roles["eu"].aws_iam_role_policy.this[0].policy'] == ["error"]


def test_findings_of_a_role_are_in_its_suite_and_others_in_the_suite_of_the_plan() -> None:
    suites = {suite.get("name"): len(suite) for suite in tree(TRUST_OPENED)}

    assert suites == {"payments.plan": 1, "payments.payments-exec": 3}


def test_equal_findings_have_distinct_names() -> None:
    """GitLab shows only the first test of a name."""
    twice = replace(BROADENING, findings=(BROADENING.findings[1], replace(BROADENING.findings[1], message="another")))

    names = [(case.get("classname"), case.get("name")) for case in tree(twice).iter("testcase")]

    assert len(names) == len(set(names))
    assert ("payments.plan", "wildcard-action: aws_iam_role_policy.payments_exec (2)") in names


def test_a_test_case_names_a_file_only_if_its_finding_has_one() -> None:
    files = {case.get("name"): case.get("file") for case in tree(BROADENING).iter("testcase")}

    assert files["passrole-without-service: aws_iam_role_policy.payments_exec"] == "stacks/payments.py"
    assert files["wildcard-action: aws_iam_role_policy.payments_exec"] is None
