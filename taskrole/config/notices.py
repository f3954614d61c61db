"""What a person should know of a roles.yaml that is fine, and what other accounts must add for it to work."""

from __future__ import annotations

from dataclasses import dataclass

from taskrole.errors import Problem
from taskrole.grant import Severity

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Notice:
    """A warning or a note: where, its code, and one line with the value and the way out."""

    severity: Severity
    code: str
    problem: Problem

    def __str__(self) -> str:
        return f"{self.severity}: {self.problem} [{self.code}]"

    @property
    def order(self) -> tuple[int, Problem, str]:
        """What notices are sorted by: the worst first, then by place."""
        return _ORDER[self.severity], self.problem, self.code
