"""All formats of findings. To add one, add a file in this package and a line here.

The report of `review` contains more than findings: its formats are in `taskrole/review/formats.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from taskrole.output.formats.report import FindingReport
from taskrole.output.options import RenderOptions


class ReportFormat(NamedTuple):
    """A format: its `MODULE:FUNCTION`, imported on demand, and whether it is HTML, XML or Markdown."""

    renderer: str
    is_markup: bool = False


class FindingRenderer(Protocol):
    """Renders a report in one format: deterministic text with a trailing newline."""

    def __call__(self, report: FindingReport, options: RenderOptions) -> str:
        """Return the text."""
        ...


FINDING_FORMATS: Mapping[str, ReportFormat] = {
    "markdown": ReportFormat("markdown:render_markdown_report", is_markup=True),
    "sarif": ReportFormat("sarif:render_sarif_report"),
    "junit": ReportFormat("junit:render_junit_report", is_markup=True),
    "gitlab-codequality": ReportFormat("code_quality:render_code_quality_report"),
}


def finding_renderer(name: str) -> FindingRenderer:
    """Return the renderer of a format in FINDING_FORMATS."""
    module, function = FINDING_FORMATS[name].renderer.split(":")
    renderer: FindingRenderer = getattr(importlib.import_module(f"taskrole.output.formats.{module}"), function)
    return renderer
