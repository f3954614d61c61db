"""JSON: the versioned model itself, for other programs."""

from __future__ import annotations

from dataclasses import fields

from taskrole.output.json_text import json_text
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.review.render.options import DEFAULTS, RenderOptions
from taskrole.review.report import Report


def render_json(report: Report, options: RenderOptions = DEFAULTS) -> str:  # noqa: ARG001
    """Return the report as JSON of printable ASCII; its `schema_version` is raised when a key changes or goes."""
    members = {field.name: getattr(report, field.name) for field in fields(report)}
    return json_text({"schema_version": REPORT_VERSIONS["review"], **members})
