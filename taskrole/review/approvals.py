"""Approvals: marks the approved changes of a review and returns why the others block it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, TypeVar

from taskrole.errors import printable
from taskrole.plan.model import Unresolved
from taskrole.review.report import AccessRow, PolicyReview, Report, RoleReview, WorkloadReview

RequireApproval: TypeAlias = Literal["never", "broadening", "any"]
_Keyed = TypeVar("_Keyed", Unresolved, PolicyReview, WorkloadReview)


def approved_role(role: RoleReview, keys: frozenset[str]) -> RoleReview:
    """Return the review of a role with its approved grants, and its approved trust, marked."""
    if not keys:
        return role
    added, removed = (tuple(_approved_row(row, keys) for row in rows) for rows in (role.added, role.removed))
    return replace(role, added=added, removed=removed, trust=replace(role.trust, approved=role.trust.key in keys))


def approved_changes(changes: Iterable[_Keyed], keys: frozenset[str]) -> tuple[_Keyed, ...]:
    """Return unknown values, policies or workloads; those with an approved key are marked, with their rows."""
    return tuple(_approved(change) if change.key in keys else change for change in changes)


def _approved(change: _Keyed) -> _Keyed:
    if isinstance(change, Unresolved):
        return replace(change, approved=True)
    added, removed = (tuple(replace(row, approved=True) for row in rows) for rows in (change.added, change.removed))
    return replace(change, approved=True, added=added, removed=removed)


def approved_of(report: Report) -> Iterator[str]:
    """Yield the keys of all approved changes of a report."""
    for role in report.roles:
        yield from (row.key for row in (*role.added, *role.removed) if row.approved)
        if role.trust.approved:
            yield role.trust.key
    for changes in (report.unresolved, report.policies, report.workloads):
        yield from (change.key for change in changes if change.approved)


def has_open_unknowns(report: Report) -> bool:
    """Return whether a report has unknown values that are not approved, or its plan is incomplete."""
    if report.plan.is_errored or not report.plan.is_complete:
        return True
    approved = [item.approved for item in report.unresolved]
    approved += [policy.approved for policy in report.policies if policy.counts and policy.verdict == "unresolved"]
    approved += [workload.approved for workload in report.workloads if workload.verdict == "unresolved"]
    # The verdict blocks even if nothing in the report explains it.
    return not all(approved) or (report.verdict == "unresolved" and not approved)


def role_reasons(role: RoleReview, unresolved: Sequence[Unresolved], required: RequireApproval) -> Iterator[str]:
    """Yield the reasons why a role blocks: changes that need an approval and do not have one."""
    if required == "never" or role.verdict in ("no-change", "neutral"):
        return
    for item in unresolved:
        if role.verdict == "unresolved" and not item.approved:
            yield printable(
                f"role {role.name}: {item.address} {item.attribute} is not known, which counts as broader;"
                f" {item.key} approves it"
            )
    rows = [*(row for row in role.added if _broadens(row, added=True))]
    rows += [row for row in role.removed if _broadens(row, added=False)]
    if required == "any":
        rows = [*role.added, *role.removed]
    unapproved = sum(not row.approved for row in rows)
    if unapproved:
        yield f"role {role.name}: {unapproved} grant{'s' if unapproved > 1 else ''} without an approval"
    opens = any(change.broadens for change in role.trust.changes) or (role.trust.added and not role.trust.changes)
    if (opens if required == "broadening" else role.trust.changed) and not role.trust.approved:
        yield f"role {role.name}: who can assume it changes without an approval"


def unseen_reasons(unseen: Iterable[Unresolved], required: RequireApproval) -> Iterator[str]:
    """Yield the reasons why changes with an unknown effect on roles and policies block."""
    for value in unseen:
        if required != "never" and not value.approved:
            yield printable(f"{value.address}: {value.because}; {value.key} approves it")


def change_reasons(
    policies: Iterable[PolicyReview], workloads: Iterable[WorkloadReview], required: RequireApproval
) -> Iterator[str]:
    """Yield the reasons why policies and workloads block: changes that need an approval and do not have one."""
    for policy in policies:
        if policy.counts and not policy.approved and _needs_approval(policy.verdict, required):
            yield printable(f"policy {policy.name} {policy.verdict}, {policy.note}; {policy.key} approves it")
    for workload in workloads:
        if not workload.approved and _needs_approval(workload.verdict, required):
            yield printable(
                f"workload {workload.name}: {workload.address} {workload.attribute} {workload.verdict};"
                f" {workload.key} approves it"
            )


def _needs_approval(verdict: str, required: RequireApproval) -> bool:
    changes = {"never": (), "broadening": ("broadens", "unresolved"), "any": ("broadens", "unresolved", "narrows")}
    return verdict in changes[required]


def _approved_row(row: AccessRow, keys: frozenset[str]) -> AccessRow:
    return replace(row, approved=row.key in keys)


def _broadens(row: AccessRow, *, added: bool) -> bool:
    return (row.effect == "Allow") is added
