"""FindingReport: the findings of a verb in suites. A verb that returns one has every format in `registry.py`."""

from __future__ import annotations

from taskrole.dataclass import dataclass
from taskrole.finding import Finding


@dataclass(frozen=True)
class Suite:
    """Findings that belong together, and the names of what passed."""

    name: str
    passed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class FindingReport:
    """The findings of a verb. `summary` are sentences on the whole report."""

    verb: str
    summary: tuple[str, ...]
    suites: tuple[Suite, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, suite by suite, without duplicates."""
        return tuple(dict.fromkeys(finding for suite in self.suites for finding in suite.findings))
