"""FindingReport: the findings of a verb in suites, and the renderers for it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Protocol

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.output.options import RenderOptions


@dataclass(frozen=True)
class Suite:
    """Findings that belong together, and the names of what passed."""

    name: str
    passed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class FindingReport:
    """The findings of a verb. `summary` are sentences on the whole report."""

    verb: str
    summary: tuple[str, ...]
    suites: tuple[Suite, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, suite by suite, without duplicates."""
        return tuple(dict.fromkeys(finding for suite in self.suites for finding in suite.findings))


class FindingRenderer(Protocol):
    """Renders a report in one format: deterministic text with a trailing newline."""

    def __call__(self, report: FindingReport, options: RenderOptions) -> str:
        """Return the text."""
        ...


# Format names, each with its module in this package and its function.
FINDING_FORMATS: Mapping[str, str] = {
    "markdown": "markdown:render_markdown_report",
    "sarif": "sarif:render_sarif_report",
    "junit": "junit:render_junit_report",
    "gitlab-codequality": "code_quality:render_code_quality_report",
}


def finding_renderer(name: str) -> FindingRenderer:
    """Return the renderer of a format in FINDING_FORMATS, imported on demand."""
    module, function = FINDING_FORMATS[name].split(":")
    renderer: FindingRenderer = getattr(importlib.import_module(f"taskrole.output.formats.{module}"), function)
    return renderer
