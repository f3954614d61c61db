"""Findings with their fixes: errors, other findings, and findings on resources that the plan does not change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from taskrole.finding import Finding, Severity, by_code
from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.output.options import RenderOptions
from taskrole.review.render.changes import touched_findings, untouched_findings
from taskrole.review.render.html.parts import chip, section
from taskrole.review.render.sections import ERRORS, FINDINGS, UNTOUCHED_FINDINGS
from taskrole.review.render.view import counted
from taskrole.review.report import Report

_CHIPS: Mapping[Severity, str] = {"error": "bad", "warning": "warn", "note": "info"}


def errors_section(report: Report, options: RenderOptions) -> Markup | None:
    """Return unwaived errors on resources that the plan changes, or None if there are none."""
    errors = [finding for finding in touched_findings(report) if finding.severity == "error" and not finding.waived]
    return section("errors", ERRORS, *_listed(errors, options)) if errors else None


def findings_section(report: Report, options: RenderOptions) -> Markup | None:
    """Return the other findings on resources that the plan changes, waived ones folded, or None if there are none."""
    others = [finding for finding in touched_findings(report) if finding.severity != "error" or finding.waived]
    return section("findings", FINDINGS, *_listed(others, options)) if others else None


def untouched_findings_section(report: Report, options: RenderOptions) -> Markup | None:
    """Return the findings on resources that the plan does not change, folded, or None if there are none."""
    findings = untouched_findings(report)
    if not findings:
        return None
    summary = element("summary", counted(len(findings), "finding"))
    return section("untouched-findings", UNTOUCHED_FINDINGS, element("details", summary, *_listed(findings, options)))


def _listed(findings: Iterable[Finding], options: RenderOptions) -> list[str]:
    ordered = by_code(findings)
    active = [_finding(finding, options) for finding in ordered if finding.waived is None]
    waived = [_finding(finding, options) for finding in ordered if finding.waived is not None]
    folded = element("details", element("summary", f"Waived ({len(waived):,})"), *waived) if waived else ""
    return [*active, folded]


def _finding(finding: Finding, options: RenderOptions) -> Markup:
    kind = "info" if finding.waived else _CHIPS[finding.severity]
    place = str(finding.location or "")
    heading = element(
        "h3",
        chip(finding.severity, kind),
        " ",
        _rule(finding.code, options),
        " ",
        code(finding.source),
        element("span", " at ", code(place), class_="place") if place else "",
    )
    return element(
        "article",
        heading,
        element("p", prose(finding.message)),
        element("p", element("strong", "Fix: "), prose(finding.fix)) if finding.fix else "",
        element("p", prose(finding.waiver_text), class_="waiver") if finding.waived else "",
        class_=f"finding {kind}",
    )


def _rule(rule: str, options: RenderOptions) -> Markup:
    address = options.rule_address(rule)
    name = element("span", rule, class_="rule")
    return element("a", name, href=address, rel="noopener noreferrer") if address else name
