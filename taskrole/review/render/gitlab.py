"""GitLab: the counts of a merge request's Terraform widget, and findings as a Code Quality report.

Source: https://docs.gitlab.com/user/infrastructure/iac/mr_integration/
"""

from __future__ import annotations

from taskrole.finding import by_code
from taskrole.output.formats.code_quality import findings_code_quality
from taskrole.output.json_text import json_text
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.review.render.entries import not_reviewed, unresolved
from taskrole.review.report import Report


def render_terraform_report(report: Report, options: RenderOptions = DEFAULTS) -> str:  # noqa: ARG001
    """Return the numbers of resources that the plan creates, updates and deletes; a replacement counts as two."""
    plan = report.plan
    return json_text({"create": plan.creates, "update": plan.updates, "delete": plan.deletes})


def render_code_quality(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return findings, unresolved values and what is not reviewed as Code Quality issues."""
    return findings_code_quality([*by_code(report.findings), *unresolved(report), *not_reviewed(report)], options)
