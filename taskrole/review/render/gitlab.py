"""GitLab: the counts of a merge request's Terraform widget, and findings as a Code Quality report.

Sources: https://docs.gitlab.com/user/infrastructure/iac/mr_integration/
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.grant import Severity
from taskrole.output.escape.plain import cut, visible
from taskrole.output.escape.sarif import relative_uri
from taskrole.output.json_text import json_text
from taskrole.review.render.options import DEFAULTS, RenderOptions
from taskrole.review.render.view import (
    LEFT_ALONE,
    advice,
    digest,
    findings_by_severity,
    identity,
    unresolved_name,
    waiver_text,
)
from taskrole.review.report import Report, SourceLocation

_SEVERITIES: Mapping[Severity, str] = {"error": "critical", "warning": "major", "note": "info"}
_LONGEST_DESCRIPTION = 2_000


def render_terraform_report(report: Report, options: RenderOptions = DEFAULTS) -> str:  # noqa: ARG001
    """Return how many resources the plan creates, updates and deletes; a replacement counts in two of them."""
    plan = report.plan
    return json_text({"create": plan.creates, "update": plan.updates, "delete": plan.deletes})


def render_code_quality(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return findings, unresolved values and what is not reviewed as Code Quality issues.

    Waived findings become `info`, and say so.
    """
    return json_text([*_findings(report, options), *_unresolved(report, options), *_not_reviewed(report, options)])


def _findings(report: Report, options: RenderOptions) -> Iterator[dict[str, Any]]:
    for finding in findings_by_severity(report.findings):
        waived = f". {waiver_text(finding)}" if finding.waived else ""
        left_alone = "" if finding.touched else LEFT_ALONE
        yield {
            "description": _shown(f"{finding.address}: {advice(finding)}{left_alone}{waived}"),
            "check_name": visible(finding.code),
            "fingerprint": digest(options.stack, *identity(finding)),
            "severity": "info" if finding.waived else _SEVERITIES[finding.severity],
            "location": _location(finding.location or options.source, options),
        }


def _unresolved(report: Report, options: RenderOptions) -> Iterator[dict[str, Any]]:
    for one in report.unresolved:
        yield {
            "description": _shown(f"{unresolved_name(one)} is not known: {one.because}"),
            "check_name": "unresolved",
            "fingerprint": digest(options.stack, "unresolved", one.address, one.attribute),
            "severity": "major",
            "location": _location(options.source, options),
        }


def _not_reviewed(report: Report, options: RenderOptions) -> Iterator[dict[str, Any]]:
    for entry in report.not_reviewed:
        yield {
            "description": _shown(f"{entry.address} is not reviewed ({entry.category}): {entry.why}"),
            "check_name": "not-reviewed",
            "fingerprint": digest(options.stack, "not-reviewed", entry.address),
            "severity": "info",
            "location": _location(options.source, options),
        }


def _shown(description: str) -> str:
    return visible(cut(description, _LONGEST_DESCRIPTION))


def _location(place: SourceLocation, options: RenderOptions) -> dict[str, Any]:
    inside = place if relative_uri(place.file) else options.source
    return {"path": visible(inside.file), "lines": {"begin": max(1, inside.line)}}
