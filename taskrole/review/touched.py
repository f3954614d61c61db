"""Which findings are about what the plan does: only these block, unless all are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taskrole.finding import Finding
from taskrole.review.rules.reviewer import RULES as REVIEWER_RULES
from taskrole.review.rules.rule import Subject

# About what was changed outside of the plan, or about the reviewer's own settings.
_REVIEWER = frozenset(rule.id for rule in REVIEWER_RULES)
_DRIFT = "TR-DRIFT-"


def mark_touched(findings: Iterable[Finding], subject: Subject) -> list[Finding]:
    """Return findings with `touched` set: whether the plan does anything to what they are about.

    It does to a role, and to its policies, where it touches the role, any of its policies, or a task definition that
    uses it; to a task definition, where it touches that, one of its roles, or a policy of these. A resource that only
    gets another address is not touched. What is about no resource that the plan leaves alone counts as touched.
    """
    untouched = _untouched(subject)
    return [_marked(finding, touched=_counts(finding) or finding.source not in untouched) for finding in findings]


def _marked(finding: Finding, *, touched: bool) -> Finding:
    return finding if finding.touched is touched else replace(finding, touched=touched)


def _counts(finding: Finding) -> bool:
    return finding.code in _REVIEWER or finding.code.startswith(_DRIFT)


def _untouched(subject: Subject) -> set[str]:
    """Return the addresses of all that the plan leaves alone, as far as findings can be about it."""
    changed = {
        change.address
        for change in subject.plan.touched
        if change.is_touched or change.is_imported or change.is_deferred
    }
    groups = {address: {address, *judged.role.addresses} for address, judged in subject.all_roles.items()}
    roles = {
        address
        for address, group in groups.items()
        if subject.all_roles[address].role.is_touched or not group.isdisjoint(changed)
    }
    tasks = {
        task.address for task in subject.tasks if task.address in changed or not roles.isdisjoint(task.roles.values())
    }
    by_tasks = {role for task in subject.tasks if task.address in changed for role in task.roles.values()}
    touched = changed | tasks
    for address in roles | by_tasks:
        touched |= groups.get(address, set())
    everything = {change.address for change in subject.plan.changes} | groups.keys()
    return everything - touched
