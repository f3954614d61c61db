"""The severities of findings, and findings in their order."""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.grant import Finding, Severity

# The worst first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first, in the order of the files."""
    return tuple(
        sorted(
            findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding.file, finding.source, finding)
        )
    )


def at_least(findings: Iterable[Finding], severity: Severity) -> tuple[Finding, ...]:
    """Return the findings with a severity or a worse one."""
    bad = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(finding for finding in findings if finding.severity in bad)
