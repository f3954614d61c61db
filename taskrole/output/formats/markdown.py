"""Markdown: findings for a pull request comment or a job summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.finding import SEVERITIES, Finding, by_code
from taskrole.output.escape.markdown import bold, code, prose
from taskrole.output.formats.report import FindingReport
from taskrole.output.options import RenderOptions

SIGNS = {"error": "🔴", "warning": "🟡", "note": "🔵"}
# GitHub limits comments to 65,536 characters.
_MOST_CHARACTERS = 60_000
_LONGEST_PLACE = 200


def render_markdown_report(report: FindingReport, options: RenderOptions) -> str:
    """Return a heading, the summary, and the findings, most severe first.

    Findings that do not fit in a comment are left out and counted.
    """
    findings = by_code(report.findings)
    stack = f" of {options.stack}" if options.stack else ""
    lines = [f"## {prose(f'taskrole {report.verb}{stack}')}", ""]
    for paragraph in (*map(prose, report.summary), _counts(findings)):
        lines += [paragraph, ""] if paragraph else []
    length = sum(map(len, lines))
    for number, finding in enumerate(findings):
        text = "\n".join(_item(finding, options))
        length += len(text) + 1
        if length > _MOST_CHARACTERS:
            lines.append(f"- … and {len(findings) - number:,} more")
            break
        lines.append(text)
    return "\n".join(lines).rstrip() + "\n"


def markdown_finding(finding: Finding, options: RenderOptions) -> str:
    """Return the first line of a finding in a list: sign, severity, code and place."""
    sign = "⚪" if finding.waived else SIGNS[finding.severity]
    state = "waived " if finding.waived else ""
    place = f" {code(finding.source)}" if finding.source else ""
    at = f" at {code(str(finding.location), _LONGEST_PLACE)}" if finding.location else ""
    return f"- {sign} {state}{finding.severity} {rule_link(finding.code, options)}{place}{at}"


def _item(finding: Finding, options: RenderOptions) -> Iterator[str]:
    yield markdown_finding(finding, options)
    if finding.message:
        yield f"  <br>{prose(finding.message)}"
    if finding.fix:
        yield f"  <br>**Fix:** {prose(finding.fix)}"
    if finding.waived:
        yield f"  <br>_{prose(finding.waiver_text)}_"


def _counts(findings: Sequence[Finding]) -> str:
    numbers = {severity: sum(finding.severity == severity for finding in findings) for severity in SEVERITIES}
    texts = [f"{number:,} {severity}{'' if number == 1 else 's'}" for severity, number in numbers.items() if number]
    return bold(", ".join(texts))


def rule_link(rule: str, options: RenderOptions) -> str:
    """Return a code, linked to its documentation if it has an address."""
    address = options.rule_address(rule)
    return f"[{code(rule)}]({address})" if address else code(rule)
