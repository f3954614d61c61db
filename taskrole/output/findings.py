"""Findings as lines: the worst first, and what is the same in many places once, with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.errors import printable
from taskrole.finding import Finding, by_severity
from taskrole.output.lines import count, place_of
from taskrole.output.text.page import Page

# As many files are named; of more the number is given.
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
    """Return findings in groups of one code and message, the worst first.

    An error is a group of its own: each place of it must be mended.
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
