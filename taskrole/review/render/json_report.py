"""JSON: the versioned model itself, for other programs."""

from __future__ import annotations

from dataclasses import fields

from taskrole.output.json_text import json_text
from taskrole.review.render.options import DEFAULTS, RenderOptions
from taskrole.review.report import SCHEMA_VERSION, Report


def render_json(report: Report, options: RenderOptions = DEFAULTS) -> str:  # noqa: ARG001
    """Return the report as JSON of printable ASCII; its `schema_version` is raised when a key changes or goes."""
    members = {field.name: getattr(report, field.name) for field in fields(report)}
    return json_text({"schema_version": SCHEMA_VERSION, **members})
