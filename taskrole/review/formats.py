"""The formats of a review's report. To add one, add a file in `taskrole/review/render/` and a line here.

Importing this module imports no renderer. The other verbs share the formats in `taskrole/output/formats/`.
"""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.output.formats.registry import ReportFormat

# The renderers are in taskrole.review.render.
REVIEW_FORMATS: Mapping[str, ReportFormat] = {
    "terminal": ReportFormat("terminal:render_terminal"),
    "markdown": ReportFormat("markdown:render_markdown", is_markup=True),
    "comment": ReportFormat("markdown:render_comment", is_markup=True),
    "json": ReportFormat("json_report:render_json"),
    "sarif": ReportFormat("sarif:render_sarif"),
    "junit": ReportFormat("junit:render_junit", is_markup=True),
    "gitlab-terraform": ReportFormat("gitlab:render_terraform_report"),
    "gitlab-codequality": ReportFormat("gitlab:render_code_quality"),
    "html": ReportFormat("html.page:render_html", is_markup=True),
}
