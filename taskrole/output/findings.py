"""Formats findings as lines, worst first; repeated findings are shown once, with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.errors import printable
from taskrole.finding import Finding, by_severity
from taskrole.output.lines import count, place_of
from taskrole.output.text.page import Page

# The maximum number of named files; above it, their number is shown.
_MOST_NAMED = 3


def write_findings(page: Page, findings: Iterable[Finding]) -> None:
    """Add findings to a page, the severity of each in colour."""
    for same in repeated(findings):
        page.line(_message(same), mark=f"{same[0].severity}:", style=same[0].severity)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield findings as lines: severity, place, message, code."""
    for same in repeated(findings):
        yield f"{same[0].severity}: {_message(same)}"


def repeated(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings grouped by code and message, worst first.

    Each error is a separate group, because each place must be fixed.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in by_severity(findings):
        place = (finding.file, finding.source) if finding.severity == "error" else ()
        groups.setdefault((finding.severity, finding.code, finding.message, *place), []).append(finding)
    return list(groups.values())


def _message(same: Sequence[Finding]) -> str:
    place = _place(same)
    return f"{place}{': ' if place else ''}{printable(same[0].message)} [{same[0].code}]"


def _place(same: Sequence[Finding]) -> str:
    first = same[0]
    sources = {finding.source for finding in same}
    files = list(dict.fromkeys(finding.file for finding in same))
    if len(same) == 1:
        return place_of(first.file, first.source)
    if len(sources) > 1:
        return f"{place_of(first.file, first.source)} and {count(len(same) - 1, 'more place')}"
    named = ", ".join(files) if len(files) <= _MOST_NAMED else count(len(files), "file")
    return printable(f"{first.source} in {named}" if first.source else f"in {named}")
