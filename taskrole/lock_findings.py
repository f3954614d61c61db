"""The differences from grants.lock.json as findings: an error for each change that is not locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from taskrole.finding import Finding
from taskrole.lock import Lock
from taskrole.lock_difference import LockDifference
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count
from taskrole.rule import Rule

LOCK_CHANGED = Rule(
    "LOCK-CHANGED",
    "error",
    "The permissions of a role differ from grants.lock.json",
    "grants.lock.json",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    why="a change of roles.yaml, a task definition or a managed policy gives a role permissions, or takes them, and the"
    " committed lock does not have it",
    fix="if the change is intended, run `taskrole lock` and commit the file",
)

RULES = (LOCK_CHANGED,)


def lock_findings(file: Path, lock: Lock, differences: Sequence[LockDifference]) -> FindingReport:
    """Return the findings of a comparison of the declared roles, `lock`, with a lock file."""
    changed = {difference.subject for difference in differences}
    roles = (f"stack {name}, role {key}" for name, stack in lock.stacks.items() for key in stack.roles)
    passed = tuple(role for role in roles if role not in changed)
    findings = tuple(_finding(file, difference) for difference in differences)
    summary: tuple[str, ...] = (f"{file}: {count(len(findings), 'difference')}.",)
    if findings:
        summary += ("If the change is intended, run taskrole lock and commit the file.",)
    return FindingReport("lock", summary, (Suite("locked permissions", passed, findings),))


def _finding(file: Path, difference: LockDifference) -> Finding:
    finding = LOCK_CHANGED.finding(difference.subject, difference.change)
    return replace(finding, file=str(file))
