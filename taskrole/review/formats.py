"""The formats of a review's report, and the function that renders each; importing this module imports no renderer."""

from __future__ import annotations

from collections.abc import Mapping

# Module in taskrole.review.render and function.
REVIEW_FORMATS: Mapping[str, str] = {
    "terminal": "terminal:render_terminal",
    "markdown": "markdown:render_markdown",
    "comment": "markdown:render_comment",
    "json": "json_report:render_json",
    "sarif": "sarif:render_sarif",
    "junit": "junit:render_junit",
    "gitlab-terraform": "gitlab:render_terraform_report",
    "gitlab-codequality": "gitlab:render_code_quality",
    "html": "html.page:render_html",
}
