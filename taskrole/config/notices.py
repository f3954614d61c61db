"""Warnings and notes on a valid roles.yaml."""

from __future__ import annotations

from taskrole.dataclass import dataclass
from taskrole.errors import Problem
from taskrole.finding import Severity

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Notice:
    """A warning or a note: its code, its place, and one line with the value and the fix."""

    severity: Severity
    code: str
    problem: Problem

    def __str__(self) -> str:
        return f"{self.severity}: {self.problem} [{self.code}]"

    @property
    def order(self) -> tuple[int, Problem, str]:
        """Return the sort key: the worst first, then by place."""
        return _ORDER[self.severity], self.problem, self.code
