"""Markdown: findings for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.finding import SEVERITIES, Finding, by_code
from taskrole.output.escape.markdown import code, prose
from taskrole.output.options import DEFAULTS, RenderOptions

SIGNS = {"error": "🔴", "warning": "🟡", "note": "🔵"}
# GitHub takes 65,536 characters of a comment.
_MOST_CHARACTERS = 60_000
_LONGEST_PLACE = 200


def findings_markdown(
    title: str, summary: Sequence[str], findings: Iterable[Finding], options: RenderOptions = DEFAULTS
) -> str:
    """Return a title, sentences, and findings with the most severe first.

    Findings beyond what a comment holds are left out, and counted.
    """
    listed = by_code(findings)
    lines = [f"## {prose(title)}", "", *(f"{prose(sentence)}  " for sentence in summary), ""]
    if listed:
        lines += [_counts(listed), ""]
    length = sum(map(len, lines))
    for number, finding in enumerate(listed):
        text = "\n".join(_item(finding, options))
        length += len(text) + 1
        if length > _MOST_CHARACTERS:
            lines.append(f"- … and {len(listed) - number:,} more, left out here.")
            break
        lines.append(text)
    return "\n".join(lines).rstrip() + "\n"


def markdown_finding(finding: Finding, options: RenderOptions) -> str:
    """Return the first line of a finding in a list: sign, severity, code and place."""
    sign = "⚪" if finding.waived else SIGNS[finding.severity]
    state = "waived " if finding.waived else ""
    place = code(finding.source)
    at = f" at {code(str(finding.location), _LONGEST_PLACE)}" if finding.location else ""
    return f"- {sign} {state}{finding.severity} {rule_link(finding.code, options)} {place}{at}".rstrip()


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
    return f"**{', '.join(texts)}**"


def rule_link(rule: str, options: RenderOptions) -> str:
    """Return a code, linked to its documentation where that has an address."""
    address = options.rule_address(rule)
    return f"[{code(rule)}]({address})" if address else code(rule)
