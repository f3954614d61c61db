"""JUnit: a test suite a role and one for the plan, as GitLab, Jenkins and Azure DevOps show them.

A finding at or above `fail_on` on what the plan does fails its test, a waived one skips it, a value that is not known
is an error. A change that is not reviewed is a test that is skipped.

Source: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from taskrole.output.escape.xml import child, root, xml_text
from taskrole.plan.model import Unresolved
from taskrole.review.render.options import DEFAULTS, RenderOptions
from taskrole.review.render.view import (
    banners,
    findings_by_severity,
    location_of,
    title_of,
    unresolved_name,
    waiver_text,
)
from taskrole.review.report import Report, ReviewFinding, RoleReview
from taskrole.severities import SEVERITIES

_PLAN = "plan"


def render_junit(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as JUnit XML. What stands at an address that is no role's is in the plan's suite."""
    findings: dict[str, list[ReviewFinding]] = defaultdict(list)
    unresolved: dict[str, list[Unresolved]] = defaultdict(list)
    roles = {role.address: role for role in report.roles}
    for finding in findings_by_severity(report.findings):
        findings[finding.address if finding.address in roles else _PLAN].append(finding)
    for one in report.unresolved:
        unresolved[one.address if one.address in roles else _PLAN].append(one)

    suites = root("testsuites", {"name": "taskrole review"})
    suite = child(suites, "testsuite", {"name": f"{_prefix(options)}{_PLAN}"})
    _approval(suite, report, f"{_prefix(options)}{_PLAN}")
    _cases(suite, findings[_PLAN], unresolved[_PLAN], options)
    _others(suite, report)
    _count(suite)
    for role in roles.values():
        suite = child(suites, "testsuite", {"name": _suite_name(role, options)})
        child(suite, "testcase", {"classname": _suite_name(role, options), "name": f"access: {role.verdict}"})
        _cases(suite, findings[role.address], unresolved[role.address], options)
        _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        suites.set(name, str(sum(int(one.get(name, "0")) for one in suites)))
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
    suite: Element, findings: Sequence[ReviewFinding], unresolved: Sequence[Unresolved], options: RenderOptions
) -> None:
    class_name = suite.get("name", "")
    seen: Counter[str] = Counter()
    for finding in findings:
        named = f"{finding.code}: {finding.address}"
        seen[named] += 1
        # Of tests of one name GitLab shows the first only.
        number = f" ({seen[named]})" if seen[named] > 1 else ""
        place = finding.location
        at: dict[str, str | int] = {"file": place.file, "line": max(1, place.line)} if place else {}
        case = child(suite, "testcase", {"classname": class_name, "name": f"{named}{number}", **at})
        _outcome(case, finding, options)
    for one in unresolved:
        case = child(suite, "testcase", {"classname": class_name, "name": f"unresolved: {unresolved_name(one)}"})
        child(case, "error", {"type": "unresolved", "message": one.because}, one.because)


def _others(suite: Element, report: Report) -> None:
    """Add the policies by themselves, the workloads, and the changes that are not reviewed, which are skipped."""
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


def _outcome(case: Element, finding: ReviewFinding, options: RenderOptions) -> None:
    at = location_of(finding)
    body = "\n".join(filter(None, (finding.message, f"Fix: {finding.fix}", f"At: {at}" if at else "")))
    if finding.waived:
        child(case, "skipped", {"message": waiver_text(finding)})
    elif _fails(finding, options):
        child(case, "failure", {"type": finding.severity, "message": finding.message}, body)
    else:
        where = "" if finding.touched else ", on what this plan leaves alone"
        child(case, "system-out", {}, f"{finding.severity}{where}: {body}")


def _fails(finding: ReviewFinding, options: RenderOptions) -> bool:
    if options.fail_on == "never" or not finding.touched:
        return False
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(options.fail_on)


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in suite)))


def _suite_name(role: RoleReview, options: RenderOptions) -> str:
    return f"{_prefix(options)}{title_of(role)}"


def _prefix(options: RenderOptions) -> str:
    return f"{options.stack}." if options.stack else ""
