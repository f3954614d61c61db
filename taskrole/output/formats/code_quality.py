"""GitLab's Code Quality report of findings.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskrole.finding import Finding, Severity, by_code
from taskrole.output.escape.plain import cut, visible
from taskrole.output.formats.places import LEFT_ALONE, finding_fingerprint, place_in_folder
from taskrole.output.formats.report import FindingReport
from taskrole.output.json_text import json_text
from taskrole.output.options import DEFAULTS, RenderOptions

_SEVERITIES: Mapping[Severity, str] = {"error": "critical", "warning": "major", "note": "info"}
_LONGEST_DESCRIPTION = 2_000


def findings_code_quality(findings: Sequence[Finding], options: RenderOptions = DEFAULTS) -> str:
    """Return findings, in order, as Code Quality issues. Waived ones have severity `info` and a note."""
    return json_text([_issue(finding, options) for finding in findings])


def render_code_quality_report(report: FindingReport, options: RenderOptions) -> str:
    """Return the findings of a verb as Code Quality issues, most severe first."""
    return findings_code_quality(by_code(report.findings), options)


def _issue(finding: Finding, options: RenderOptions) -> dict[str, Any]:
    place = place_in_folder(finding, options)
    return {
        "description": visible(cut(_description(finding), _LONGEST_DESCRIPTION)),
        "check_name": visible(finding.code),
        "fingerprint": finding_fingerprint(finding, options),
        "severity": "info" if finding.waived else _SEVERITIES[finding.severity],
        "location": {"path": visible(place.file), "lines": {"begin": place.line}},
    }


def _description(finding: Finding) -> str:
    """Return the finding in one line, prefixed with its place unless the message starts with it."""
    named = finding.message.startswith(finding.source) or not finding.source
    place = "" if named else f"{finding.source}: "
    waived = f". {finding.waiver_text}" if finding.waived else ""
    return f"{place}{finding.advice}{'' if finding.touched else LEFT_ALONE}{waived}"
