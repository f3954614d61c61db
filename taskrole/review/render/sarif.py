"""SARIF of a review: unknown values, findings, and changes that are not reviewed."""

from __future__ import annotations

from dataclasses import replace

from taskrole.finding import by_code
from taskrole.output.formats.sarif import findings_sarif
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.review.render.entries import ENTRY_TITLES, not_reviewed, unresolved
from taskrole.review.report import Report


def render_sarif(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return all findings as one run of SARIF; waivers are its suppressions."""
    findings = [*unresolved(report), *by_code(report.findings), *not_reviewed(report)]
    return findings_sarif(findings, replace(options, titles={**ENTRY_TITLES, **options.titles}))
