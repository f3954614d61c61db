"""Finding: what a person should know, with a stable code and a place; every verb that judges something yields these.

Derive, check, review, audit, validate and observe share this one type, so that each of their findings has every
output format (`taskrole.output.formats`). What the codes mean: docs/rules.md and docs/review-rules.md, or `--explain`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.errors import Place, Problem

Severity = Literal["error", "warning", "note"]

# The most severe first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class SourceLocation:
    """A line, counted from 1, of a file of the working folder; 0 for the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Waiver:
    """A finding that somebody accepted: who, why, and until which day (YYYY-MM-DD)."""

    owner: str
    reason: str
    expires: str


@dataclass(frozen=True)
class Finding:
    """A problem, or something worth knowing: its code, its place, and one line with the rule and the value.

    `source` is the place within the input: a JSON pointer into a task definition, the path of a key in roles.yaml, a
    Terraform address, or `role NAME`. `file`, `line` and `column` (from 1; 0: unknown) are where it is; `file` is
    empty where there is only one input. `fix` is what to do, where the message does not say it.

    `actions` and `resources` are the IAM actions and resources that it is about, where it is about some. `touched` is
    whether the plan under review changes what it is about. `key` tells apart findings with one code and place; without
    one, actions and resources do, or else the message.
    """

    code: str
    severity: Severity
    source: str
    message: str
    file: str = ""
    line: int = 0
    fix: str = ""
    waived: Waiver | None = None
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    touched: bool = True
    key: tuple[str, ...] | None = None
    column: int = 0

    def __str__(self) -> str:
        problem = Problem(Place(self.file, self.line, self.column, self.source), self.message)
        return f"{self.severity}: {problem} [{self.code}]"

    @property
    def order(self) -> tuple[str, ...]:
        """The sort key of findings that are listed by code."""
        return self.code, self.severity, self.source, self.message, self.file

    @property
    def location(self) -> SourceLocation | None:
        """The file and line, where the file is known."""
        return SourceLocation(self.file, self.line) if self.file else None

    @property
    def identity(self) -> tuple[str, ...]:
        """What stays the same when the input changes elsewhere: neither line nor severity."""
        if self.key is not None:
            return self.code, self.source, *self.key
        about = (*self.actions, "", *self.resources)
        return self.code, self.source, *(about if len(about) > 1 else (self.message,))

    @property
    def advice(self) -> str:
        """What is wrong and the fix, in one line."""
        return f"{self.message}. Fix: {self.fix}" if self.fix and self.message else self.message or self.fix

    @property
    def waiver_text(self) -> str:
        """The waiver in a sentence; empty for an active finding."""
        if self.waived is None:
            return ""
        until = f" until {self.waived.expires}" if self.waived.expires else ""
        return f"Waived by {self.waived.owner}{until}: {self.waived.reason}"


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the most severe first, in the order of the files."""
    return tuple(sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), *_place_order(finding))))


def by_line(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the most severe first, in the order of the lines of the files."""
    return tuple(sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), *_line_order(finding))))


def by_code(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with the active ones first, then the most severe, then by code."""
    return sorted(
        findings,
        key=lambda finding: (
            finding.waived is not None,
            SEVERITIES.index(finding.severity),
            finding.code,
            finding.source,
        ),
    )


def at_least(findings: Iterable[Finding], severity: Severity) -> tuple[Finding, ...]:
    """Return the findings that are as severe as a severity, or more so."""
    severe = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(finding for finding in findings if finding.severity in severe)


def _line_order(finding: Finding) -> tuple[str | int, ...]:
    place = finding.file, finding.line, finding.column, finding.source
    return *place, finding.message, finding.code


def _place_order(finding: Finding) -> tuple[str, ...]:
    return finding.file, finding.source, *finding.order
