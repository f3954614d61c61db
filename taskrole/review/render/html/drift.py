"""What was changed outside Terraform, and what the plan does about it."""

from __future__ import annotations

from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.review.render.html.parts import section
from taskrole.review.render.view import drift_text
from taskrole.review.report import Drift, DriftChange, Report


def drift_section(report: Report) -> Markup | None:
    """Return what was changed outside Terraform, by resource, or None if nothing was."""
    if not report.drift:
        return None
    return section("drift", "Changed outside of Terraform", *map(_drift, report.drift))


def _drift(drift: Drift) -> Markup:
    heading = element("h3", code(drift.address))
    return element("article", heading, element("ul", *map(_change, drift.changes), class_="changes"), class_="drift")


def _change(change: DriftChange) -> Markup:
    kind = "sign broadens" if change.broadens else "sign"
    return element("li", element("span", change.sign, class_=kind), " ", prose(drift_text(change)))
