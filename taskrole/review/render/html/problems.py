"""Findings with their fixes, and values that the plan does not tell."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.grant import Severity
from taskrole.review.render.escape.html import Markup, code, element, prose
from taskrole.review.render.html.parts import chip, section
from taskrole.review.render.options import RenderOptions
from taskrole.review.render.view import by_severity, location_of, unresolved_name, waiver_text
from taskrole.review.report import Report, ReviewFinding

_CHIPS: Mapping[Severity, str] = {"error": "bad", "warning": "warn", "note": "info"}


def findings_section(report: Report, options: RenderOptions) -> Markup | None:
    """Return findings, the waived ones folded away, or None where there are none."""
    findings = by_severity(report.findings)
    if not findings:
        return None
    active = [_finding(one, options) for one in findings if one.waived is None]
    waived = [_finding(one, options) for one in findings if one.waived is not None]
    folded = element("details", element("summary", f"Waived ({len(waived):,})"), *waived) if waived else ""
    return section("findings", "Findings", *active, folded)


def unresolved_section(report: Report) -> Markup | None:
    """Return what is not known, and why, or None where all is."""
    if not report.unresolved:
        return None
    lines = (element("li", code(unresolved_name(one)), " ", prose(one.because)) for one in report.unresolved)
    return section(
        "unresolved", "Unresolved", element("p", "Not known, and so not passed."), element("ul", *lines, class_="open")
    )


def _finding(finding: ReviewFinding, options: RenderOptions) -> Markup:
    kind = "info" if finding.waived else _CHIPS[finding.severity]
    place = location_of(finding)
    heading = element(
        "h3",
        chip(finding.severity, kind),
        " ",
        _rule(finding.code, options),
        " ",
        code(finding.address),
        element("span", " at ", code(place), class_="place") if place else "",
    )
    return element(
        "article",
        heading,
        element("p", prose(finding.message)),
        element("p", element("strong", "Fix: "), prose(finding.fix)) if finding.fix else "",
        element("p", prose(waiver_text(finding)), class_="waiver") if finding.waived else "",
        class_=f"finding {kind}",
    )


def _rule(rule: str, options: RenderOptions) -> Markup:
    address = options.rule_address(rule)
    name = element("span", rule, class_="rule")
    return element("a", name, href=address, rel="noopener noreferrer") if address else name
