"""JSON: the versioned report, for other programs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from taskrole.finding import Finding
from taskrole.output.json_text import json_text
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.review.report import Report


def render_json(report: Report, options: RenderOptions = DEFAULTS) -> str:  # noqa: ARG001
    """Return the report as JSON of printable ASCII; its `schema_version` increases when a key changes or is removed."""
    members = {field.name: getattr(report, field.name) for field in fields(report)}
    findings = [_members(finding) for finding in report.findings]
    return json_text({"schema_version": REPORT_VERSIONS["review"], **members, "findings": findings})


def _members(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "address": finding.source,
        "message": finding.message,
        "fix": finding.fix,
        "waived": finding.waived,
        "location": finding.location,
        "actions": finding.actions,
        "resources": finding.resources,
        "touched": finding.touched,
    }
