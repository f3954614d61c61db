"""Finding: a problem or note with a stable code and a place, which every verb reports.

All verbs share this type, so every finding is available in every output format (`taskrole.output.formats`). The codes
are documented in docs/rules.md and docs/review-rules.md, and by `--explain`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.errors import Place, Problem

Severity = Literal["error", "warning", "note"]

# Most severe first.
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
    """An accepted finding: the owner, the reason, and the expiry date (YYYY-MM-DD)."""

    owner: str
    reason: str
    expires: str


@dataclass(frozen=True)
class Finding:
    """A problem or note: its code, its place, and one line with the rule and the value.

    `source` is the place within the input: a JSON pointer into a task definition, the path of a key in roles.yaml, a
    Terraform address, or `role NAME`. `file`, `line` and `column` (from 1; 0: unknown) are its position; `file` is
    empty if there is only one input. `fix` is the fix, if the message does not contain it.

    `actions` and `resources` are the affected IAM actions and resources, if any. `touched` is whether the reviewed plan
    changes the resource. `key` distinguishes findings with the same code and place; by default, these are the actions
    and resources, or the message.
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
        """The sort key of findings by code."""
        return self.code, self.severity, self.source, self.message, self.file

    @property
    def location(self) -> SourceLocation | None:
        """The file and line, if the file is known."""
        return SourceLocation(self.file, self.line) if self.file else None

    @property
    def identity(self) -> tuple[str, ...]:
        """The identity of the finding, which does not change with line or severity."""
        if self.key is not None:
            return self.code, self.source, *self.key
        about = (*self.actions, "", *self.resources)
        return self.code, self.source, *(about if len(about) > 1 else (self.message,))

    @property
    def advice(self) -> str:
        """The problem and the fix, in one line."""
        return f"{self.message}. Fix: {self.fix}" if self.fix and self.message else self.message or self.fix

    @property
    def waiver_text(self) -> str:
        """The waiver in a sentence; empty for an active finding."""
        if self.waived is None:
            return ""
        until = f" until {self.waived.expires}" if self.waived.expires else ""
        return f"Waived by {self.waived.owner}{until}: {self.waived.reason}"


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, most severe first, in the order of the files."""
    return tuple(sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), *_place_order(finding))))


def by_line(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, most severe first, in the order of the lines."""
    return tuple(sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), *_line_order(finding))))


def by_code(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, active ones first, then by severity, then by code."""
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
    """Return the findings with at least this severity."""
    severe = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(finding for finding in findings if finding.severity in severe)


def _line_order(finding: Finding) -> tuple[str | int, ...]:
    place = finding.file, finding.line, finding.column, finding.source
    return *place, finding.message, finding.code


def _place_order(finding: Finding) -> tuple[str, ...]:
    return finding.file, finding.source, *finding.order
