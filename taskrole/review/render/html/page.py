"""The HTML page of a review."""

from __future__ import annotations

from collections.abc import Collection

from taskrole.output.escape.html import Markup, element, join, prose
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.review.render.headline import HeadlinePart, headline
from taskrole.review.render.html.access import access_section
from taskrole.review.render.html.chart import levels_section
from taskrole.review.render.html.drift import drift_section
from taskrole.review.render.html.frame import framed_page
from taskrole.review.render.html.groups import policies_section, unknown_roles_section, workloads_section
from taskrole.review.render.html.managed import managed_section
from taskrole.review.render.html.parts import chip, section
from taskrole.review.render.html.problems import errors_section, findings_section, untouched_findings_section
from taskrole.review.render.html.trust import trust_section
from taskrole.review.render.html.unknown import not_reviewed_section, unresolved_section
from taskrole.review.render.view import banners, footer, is_uneventful, quiet_line
from taskrole.review.report import Report


def render_html(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as an HTML page."""
    title = f"Plan review: {options.stack}" if options.stack else "Plan review"
    sections = {
        "errors": errors_section(report, options),
        "trust": trust_section(report),
        "workloads": workloads_section(report),
        "access": access_section(report),
        "unknown-roles": unknown_roles_section(report),
        "policies": policies_section(report),
        "managed": managed_section(report),
        "levels": levels_section(report),
        "findings": findings_section(report, options),
        "untouched-findings": untouched_findings_section(report, options),
        "unresolved": unresolved_section(report),
        "not-reviewed": not_reviewed_section(report),
        "drift": drift_section(report),
        "notes": _notes(report),
    }
    present = {name: text for name, text in sections.items() if text}
    main = element("main", _quiet(report) if is_uneventful(report) else join(present.values()))
    header = element("header", element("h1", title), "" if is_uneventful(report) else _verdict(report, present))
    return framed_page(title, header, main, _footer(report, options))


def _verdict(report: Report, present: Collection[str]) -> Markup:
    state = "Blocked" if report.blocked else "Not blocked"
    first, *counts = (_linked(part, present) for part in headline(report))
    state_chip = chip(state, "bad" if report.blocked else "good")
    return join(
        (
            element("p", state_chip, " ", element("strong", first), class_=f"verdict {report.verdict}"),
            element("ul", *(element("li", count) for count in counts), class_="counts"),
            *(element("p", text, class_="banner", role="alert") for text in banners(report)),
            _reasons(report) if report.blocked and report.reasons else "",
        )
    )


def _linked(part: HeadlinePart, present: Collection[str]) -> Markup:
    text = prose(part.text)
    return element("a", text, href=f"#{part.section}") if part.section in present else text


def _reasons(report: Report) -> Markup:
    reasons = element("ul", *(element("li", prose(text)) for text in report.reasons))
    return element("div", element("p", "Blocked, because:"), reasons, class_="reasons")


def _quiet(report: Report) -> Markup:
    return element("p", quiet_line(report), class_="quiet")


def _notes(report: Report) -> Markup | None:
    if not report.notes:
        return None
    return section("notes", "Notes", element("ul", *(element("li", prose(text)) for text in report.notes)))


def _footer(report: Report, options: RenderOptions) -> Markup:
    return element("footer", element("ul", *(element("li", prose(text)) for text in footer(report, options))))
