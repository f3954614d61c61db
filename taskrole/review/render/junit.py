"""JUnit: a test suite for each role and one for the plan, for GitLab, Jenkins and Azure DevOps.

A finding at or above `fail_on` about the plan's changes fails its test, a waived finding skips it, and an unknown value
is an error. A change that is not reviewed is a skipped test.

Source: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from taskrole.finding import Finding, by_code
from taskrole.output.escape.xml import child, root, xml_text
from taskrole.output.formats.junit import add_findings, add_totals, count_outcomes
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.plan.model import Unresolved
from taskrole.review.render.view import banners, title_of, unresolved_name
from taskrole.review.report import Report, RoleReview

_PLAN = "plan"


def render_junit(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as JUnit XML; entries that do not belong to a role are in the suite of the plan."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    unresolved: dict[str, list[Unresolved]] = defaultdict(list)
    roles = {role.address: role for role in report.roles}
    for finding in by_code(report.findings):
        findings[finding.source if finding.source in roles else _PLAN].append(finding)
    for item in report.unresolved:
        unresolved[item.address if item.address in roles else _PLAN].append(item)

    suites = root("testsuites", {"name": "taskrole review"})
    suite = child(suites, "testsuite", {"name": f"{_prefix(options)}{_PLAN}"})
    _approval(suite, report, f"{_prefix(options)}{_PLAN}")
    _cases(suite, findings[_PLAN], unresolved[_PLAN], options)
    _others(suite, report)
    count_outcomes(suite)
    for role in roles.values():
        suite = child(suites, "testsuite", {"name": _suite_name(role, options)})
        child(suite, "testcase", {"classname": _suite_name(role, options), "name": f"access: {role.verdict}"})
        _cases(suite, findings[role.address], unresolved[role.address], options)
        count_outcomes(suite)
    add_totals(suites)
    return xml_text(suites)


def _approval(suite: Element, report: Report, class_name: str) -> None:
    case = child(suite, "testcase", {"classname": class_name, "name": "approval"})
    if report.blocked:
        reasons = "\n".join(report.reasons)
        child(case, "failure", {"type": "blocked", "message": "blocked"}, reasons)
    doubts = list(banners(report))
    if doubts:
        case = child(suite, "testcase", {"classname": class_name, "name": "completeness"})
        child(case, "error", {"type": "incomplete", "message": doubts[0]}, "\n".join(doubts))


def _cases(
    suite: Element, findings: Sequence[Finding], unresolved: Sequence[Unresolved], options: RenderOptions
) -> None:
    add_findings(suite, findings, options)
    class_name = suite.get("name", "")
    for item in unresolved:
        case = child(suite, "testcase", {"classname": class_name, "name": f"unresolved: {unresolved_name(item)}"})
        child(case, "error", {"type": "unresolved", "message": item.because}, item.because)


def _others(suite: Element, report: Report) -> None:
    """Add the separately compared policies, the workloads, and the unreviewed changes, which are skipped."""
    class_name = suite.get("name", "")
    for kind, holders in (("policy", report.policies), ("workload", report.workloads)):
        for holder in holders:
            name = f"{kind} {title_of(holder)}: {holder.verdict}"
            case = child(suite, "testcase", {"classname": class_name, "name": name})
            if holder.verdict == "unresolved" and not holder.approved:
                child(case, "error", {"type": "unresolved", "message": name})
    for entry in report.not_reviewed:
        case = child(suite, "testcase", {"classname": class_name, "name": f"not reviewed: {entry.address}"})
        child(case, "skipped", {"message": f"{entry.category}: {entry.why}"})


def _suite_name(role: RoleReview, options: RenderOptions) -> str:
    return f"{_prefix(options)}{title_of(role)}"


def _prefix(options: RenderOptions) -> str:
    return f"{options.stack}." if options.stack else ""
