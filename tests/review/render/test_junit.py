"""JUnit: the elements and attributes that Jenkins' schema and GitLab's parser know, and what each finding becomes."""

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
def test_only_known_elements_and_attributes_stand_where_they_may(name: str) -> None:
    root = tree({**REPORTS, **QUIET}[name])
    parents = {child: parent.tag for parent in root.iter() for child in parent}

    for one in root.iter():
        parent, required, optional = KNOWN[one.tag]
        assert parents.get(one) == parent
        assert required <= set(one.attrib) <= required | optional


@pytest.mark.parametrize("name", [*REPORTS, *QUIET])
def test_counts_are_those_of_the_cases(name: str) -> None:
    root = tree({**REPORTS, **QUIET}[name])

    for one in (root, *root.iter("testsuite")):
        assert int(one.get("tests")) == len(list(one.iter("testcase")))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(one.get(attribute)) == len(list(one.iter(tag)))


def outcomes(root: ET.Element) -> dict[str, list[str]]:
    return {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}


def test_findings_at_or_above_the_limit_fail_and_waived_ones_are_skipped() -> None:
    found = outcomes(tree(BROADENING))

    assert found["passrole-without-service: aws_iam_role_policy.payments_exec"] == ["failure"]
    assert found["wildcard-action: aws_iam_role_policy.payments_exec"] == ["system-out"]
    assert found["broad-managed-policy: aws_iam_role_policy_attachment.payments_exec"] == ["skipped"]
    assert found["approval"] == ["failure"]


@pytest.mark.parametrize(("fail_on", "failures"), [("never", 0), ("error", 1), ("warning", 2), ("note", 2)])
def test_the_limit_is_the_reviewers(fail_on: str, failures: int) -> None:
    root = tree(replace(BROADENING, blocked=False), fail_on=fail_on)

    assert root.get("failures") == str(failures)


def test_what_is_unresolved_is_an_error_and_so_is_a_plan_that_is_not_whole() -> None:
    found = outcomes(tree(UNRESOLVED))

    assert found["completeness"] == ["error"]
    assert found["unresolved: aws_iam_role.payments_exec.assume_role_policy"] == ["error"]
    assert found['unresolved: module.roles["eu"].aws_iam_role_policy.this[0].policy'] == ["error"]


def test_findings_of_a_role_are_in_its_suite_and_the_others_in_the_plans() -> None:
    suites = {suite.get("name"): len(suite) for suite in tree(TRUST_OPENED)}

    assert suites == {"payments.plan": 1, "payments.payments-exec": 3}


def test_findings_alike_are_tests_of_their_own_names() -> None:
    """GitLab shows the first test of a name only, and so one failure of two."""
    twice = replace(BROADENING, findings=(BROADENING.findings[1], replace(BROADENING.findings[1], message="another")))

    names = [(one.get("classname"), one.get("name")) for one in tree(twice).iter("testcase")]

    assert len(names) == len(set(names))
    assert ("payments.plan", "wildcard-action: aws_iam_role_policy.payments_exec (2)") in names


def test_a_test_names_a_file_only_where_its_finding_stands_in_one() -> None:
    files = {one.get("name"): one.get("file") for one in tree(BROADENING).iter("testcase")}

    assert files["passrole-without-service: aws_iam_role_policy.payments_exec"] == "stacks/payments.py"
    assert files["wildcard-action: aws_iam_role_policy.payments_exec"] is None
