"""GitHub Markdown: the step summary of a job, and the comment on its pull request.

Both use the same layout within a budget. Content that does not fit is cut in a defined order, the documents first, and
the footer lists the cuts and the location of the full report. Verdicts, the worst grant of each role, unresolved values
and unreviewed changes are never cut: they are shortened and, if even that does not fit, replaced by counts.

Limits: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (a summary: 1 MiB a step);
GitHub rejects a comment longer than 65,536 characters.
"""

from __future__ import annotations

import json

from taskrole.output.escape.markdown import code, marker_text, prose
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.review.render.budget import fitted, within
from taskrole.review.render.headline import headline
from taskrole.review.render.markdown_sections import sections
from taskrole.review.render.signs import BLOCKED_SIGN, STATE_SIGNS
from taskrole.review.render.view import banners, footer, is_uneventful, quiet_line
from taskrole.review.report import Report

# In bytes of UTF-8; a text never has more characters than bytes.
SUMMARY_BUDGET = 1_000_000
COMMENT_BUDGET = 59_999
_MOST_REASONS = 20
_MOST_OF_REASONS = 6_000


def render_markdown(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as GitHub Markdown of at most 1,000,000 bytes, for a step's summary."""
    return _document(report, options, SUMMARY_BUDGET)


def render_comment(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as a comment of fewer than 60,000 characters, its first line a hidden marker.

    The CI job finds the comment of the previous run by `comment_marker`, and replaces it.
    """
    facts = {"blocked": report.blocked, "plan": marker_text(report.plan.hash), "verdict": report.verdict}
    marker = f"{comment_marker(options.stack)} {json.dumps(facts, sort_keys=True)} -->\n"
    return marker + _document(report, options, COMMENT_BUDGET - len(marker))


def comment_marker(stack: str) -> str:
    """Return the beginning of the comment of a stack, which identifies it on a pull request."""
    return f"<!-- taskrole:{marker_text(stack)}:v1"


def _document(report: Report, options: RenderOptions, budget: int) -> str:
    title = f"Plan review of {code(options.stack)}" if options.stack else "Plan review"
    if is_uneventful(report):
        return f"⚪ **{title}**: {quiet_line(report)} Plan {code(report.plan.hash)}.\n"
    head = "\n\n".join(filter(None, (f"## {title}", _verdict_line(report), _banners(report), _reasons(report))))
    foot = "\n\n".join(("---", " · ".join(prose(part) for part in footer(report, options))))
    whole = f"The whole report: <{options.report_address}>." if options.report_address else ""
    return fitted(head, sections(report, options, budget), foot, whole, budget)


def _verdict_line(report: Report) -> str:
    first, *others = (prose(part.text) for part in headline(report))
    sign, state = (BLOCKED_SIGN, "Blocked") if report.blocked else (STATE_SIGNS[report.verdict], "Not blocked")
    counts = " · ".join(others)
    # Bold text cannot end with a space, but a name can.
    title = f"{state}: {first}".rstrip()
    return f"{sign} **{title}**\n\n{counts[:1].upper()}{counts[1:]}"


def _banners(report: Report) -> str:
    return "\n\n".join(f"⚠️ **{text}**" for text in banners(report))


def _reasons(report: Report) -> str:
    if not report.blocked:
        return ""
    visible = within((f"- {prose(reason, 500)}" for reason in report.reasons[:_MOST_REASONS]), _MOST_OF_REASONS)
    more = len(report.reasons) - len(visible)
    return "\n".join(["**Blocked, because:**", "", *visible, *([f"- … and {more:,} more reasons"] if more else [])])
