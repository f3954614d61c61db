"""Marks the findings about resources that the plan changes: only these block, unless all findings are requested."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taskrole.finding import Finding
from taskrole.review.rules.reviewer import RULES as REVIEWER_RULES
from taskrole.review.rules.rule import ReviewedPlan

# Rules for drift or for the settings of the review.
_REVIEWER = frozenset(rule.id for rule in REVIEWER_RULES)
_DRIFT = "TR-DRIFT-"


def mark_touched(findings: Iterable[Finding], reviewed: ReviewedPlan) -> list[Finding]:
    """Return findings with `touched` set: whether the plan changes the resource.

    A role and its policies are touched if the plan changes the role, any of its policies, or a task definition that
    uses it; a task definition, if the plan changes it, one of its roles, or a policy of these. A resource that only
    moves to another address is not touched. A finding that is not about a resource of the plan counts as touched.
    """
    untouched = _untouched(reviewed)
    return [_marked(finding, touched=_counts(finding) or finding.source not in untouched) for finding in findings]


def _marked(finding: Finding, *, touched: bool) -> Finding:
    return finding if finding.touched is touched else replace(finding, touched=touched)


def _counts(finding: Finding) -> bool:
    return finding.code in _REVIEWER or finding.code.startswith(_DRIFT)


def _untouched(reviewed: ReviewedPlan) -> set[str]:
    """Return the addresses of the resources and roles that the plan does not change."""
    changed = {
        change.address
        for change in reviewed.plan.touched
        if change.is_touched or change.is_imported or change.is_deferred
    }
    groups = {address: {address, *judged.role.addresses} for address, judged in reviewed.all_roles.items()}
    roles = {
        address
        for address, group in groups.items()
        if reviewed.all_roles[address].role.is_touched or not group.isdisjoint(changed)
    }
    tasks = {
        task.address for task in reviewed.tasks if task.address in changed or not roles.isdisjoint(task.roles.values())
    }
    by_tasks = {role for task in reviewed.tasks if task.address in changed for role in task.roles.values()}
    touched = changed | tasks
    for address in roles | by_tasks:
        touched |= groups.get(address, set())
    everything = {change.address for change in reviewed.plan.changes} | groups.keys()
    return everything - touched
