"""Unknown values and changes that are not reviewed, as findings for formats that only list findings."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.finding import Finding
from taskrole.review.render.view import unresolved_name
from taskrole.review.report import Report

_UNRESOLVED = "unresolved"
_NOT_REVIEWED = "not-reviewed"
ENTRY_TITLES = {
    _UNRESOLVED: "A value is not known from the plan",
    _NOT_REVIEWED: "A change that can affect access is not reviewed",
}


def unresolved(report: Report) -> Iterator[Finding]:
    """Yield a finding for each unknown value."""
    for entry in report.unresolved:
        message = f"{unresolved_name(entry)} is not known: {entry.because}"
        yield Finding(_UNRESOLVED, "warning", entry.address, message, key=(entry.attribute,))


def not_reviewed(report: Report) -> Iterator[Finding]:
    """Yield a finding for each change that was not reviewed."""
    for entry in report.not_reviewed:
        message = f"{entry.address} is not reviewed ({entry.category}): {entry.why}"
        yield Finding(_NOT_REVIEWED, "note", entry.address, message, key=())
