"""JUnit: suites of test cases, as displayed by GitLab, Jenkins and Azure DevOps.

A finding at or above `fail_on` is a failure; a waived finding is skipped.

Source: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from taskrole.finding import SEVERITIES, Finding, by_code
from taskrole.output.escape.xml import child, root, xml_text
from taskrole.output.formats.report import FindingReport
from taskrole.output.options import RenderOptions


def render_junit_report(report: FindingReport, options: RenderOptions) -> str:
    """Return the findings of a verb as JUnit XML, with a test suite per suite."""
    tree = root("testsuites", {"name": f"taskrole {report.verb}"})
    for suite in report.suites:
        element = child(tree, "testsuite", {"name": suite.name})
        for name in suite.passed:
            child(element, "testcase", {"classname": suite.name, "name": name})
        add_findings(element, by_code(suite.findings), options)
        count_outcomes(element)
    add_totals(tree)
    return xml_text(tree)


def add_findings(suite: Element, findings: Iterable[Finding], options: RenderOptions) -> None:
    """Add a test case for each finding to a suite."""
    class_name = suite.get("name", "")
    seen: Counter[str] = Counter()
    for finding in findings:
        named = f"{finding.code}: {finding.source}"
        seen[named] += 1
        # GitLab shows only the first of several cases with the same name.
        number = f" ({seen[named]})" if seen[named] > 1 else ""
        place = finding.location
        at: dict[str, str | int] = {"file": place.file, "line": max(1, place.line)} if place else {}
        case = child(suite, "testcase", {"classname": class_name, "name": f"{named}{number}", **at})
        _add_outcome(case, finding, options)


def count_outcomes(suite: Element) -> None:
    """Set the numbers of tests, failures, errors and skipped tests of a suite."""
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in suite)))


def add_totals(suites: Element) -> None:
    """Set the totals of all suites."""
    for name in ("tests", "failures", "errors", "skipped"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))


def _add_outcome(case: Element, finding: Finding, options: RenderOptions) -> None:
    fix = f"Fix: {finding.fix}" if finding.fix else ""
    at = f"At: {finding.location}" if finding.location else ""
    body = "\n".join(filter(None, (finding.message, fix, at)))
    if finding.waived:
        child(case, "skipped", {"message": finding.waiver_text})
    elif _fails(finding, options):
        child(case, "failure", {"type": finding.severity, "message": finding.message}, body)
    else:
        where = "" if finding.touched else ", on what this plan leaves alone"
        child(case, "system-out", {}, f"{finding.severity}{where}: {body}")


def _fails(finding: Finding, options: RenderOptions) -> bool:
    if options.fail_on == "never" or not finding.touched:
        return False
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(options.fail_on)
