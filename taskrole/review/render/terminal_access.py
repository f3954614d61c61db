"""The terminal's sections of what roles, policies and workloads gain and lose."""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.output.text.page import Page
from taskrole.review.render.changes import (
    AccessChange,
    Group,
    Holder,
    access_groups,
    policy_groups,
    quiet_roles,
    unknown_role_groups,
    what_of,
    workload_groups,
)
from taskrole.review.render.sections import (
    ACCESS,
    MANAGED,
    POLICIES,
    TRUST_TITLE,
    UNKNOWN_ROLES,
    WORKLOADS_TITLE,
    policy_facts,
    workload_facts,
)
from taskrole.review.render.trust import trust_differences
from taskrole.review.render.view import (
    condition_text,
    counted,
    managed_actions,
    managed_changes,
    managed_sign,
    title_of,
)
from taskrole.review.report import Report


def trust(page: Page, report: Report) -> None:
    """Add the principals that can now assume a role, and those that no longer can."""
    differences = trust_differences(report)
    if differences:
        page.heading(f"{TRUST_TITLE}: who can assume a role")
    for difference in differences:
        page.line(_titled(difference.role), indent=2)
        for line in difference.lines:
            page.line(line.text, indent=4, mark=line.sign, style="broadens" if line.broadens else "narrows")
        if difference.broadens:
            key_line(page, difference.role.trust.key, approved=difference.role.trust.approved)


def workloads(page: Page, report: Report) -> None:
    """Add the workloads that run under another role."""
    groups = workload_groups(report)
    if groups:
        page.heading(WORKLOADS_TITLE)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _facts(page, workload_facts(group.holder))
        _grants(page, group)


def access(page: Page, report: Report) -> None:
    """Add the gains and losses of known roles, the worst first."""
    groups, quiet = access_groups(report), quiet_roles(report)
    if groups:
        page.heading(ACCESS)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _grants(page, group)
    for verdict, roles in quiet.items():
        if groups:
            page.line(f"{verdict}: {', '.join(map(_titled, roles))}", indent=2)


def unknown_roles(page: Page, report: Report) -> None:
    """Add the gains and losses of roles that the plan does not name."""
    groups = unknown_role_groups(report)
    if groups:
        page.heading(UNKNOWN_ROLES)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _grants(page, group)


def policies(page: Page, report: Report) -> None:
    """Add the customer managed policies that are compared separately."""
    groups = policy_groups(report)
    if groups:
        page.heading(POLICIES)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _facts(page, policy_facts(group.holder))
        _grants(page, group)


def _facts(page: Page, facts: Iterable[tuple[str, bool]]) -> None:
    for text, is_value in facts:
        if is_value:
            page.value(text, indent=6)
        else:
            page.line(text, indent=4)


def _grants(page: Page, group: Group) -> None:
    for change in group.changes:
        _grant(page, change)
    key = getattr(group.holder, "key", "")
    if key:
        key_line(page, key, approved=getattr(group.holder, "approved", False), indent=4)


def _grant(page: Page, change: AccessChange) -> None:
    row = change.row
    style = "broadens" if change.broadens else "narrows"
    actions = f"{'all but ' if row.not_actions else ''}{', '.join(what_of(row))}"
    on = "on all but" if row.not_resources else "on"
    everything = row.resources == ("*",) and not row.not_resources
    page.line(
        f"{change.level}: {actions} {on}{' *' if everything else ''}",
        indent=4,
        mark=change.sign,
        style=style,
    )
    for resource in () if everything else row.resources:
        page.value(resource, indent=8)
    for text in condition_text(row):
        page.line(text, indent=6, mark="if ")
    if row.parts and not row.policy:
        page.line(f"and so {counted(len(row.parts), 'grant')} more that its policies name", indent=6)
    if change.why:
        page.line(change.why, indent=6, mark="for" if row.because else "!  ", style="" if row.because else "warning")
    if change.key:
        key_line(page, change.key, approved=row.approved)


def managed(page: Page, report: Report) -> None:
    """Add the managed policies of roles, by name."""
    changes = managed_changes(report)
    if changes:
        page.heading(f"{MANAGED}: + gains, - loses, ± edits, = keeps")
    last = None
    for role, policy in changes:
        if role is not last:
            page.line(_titled(role), indent=2)
            last = role
        owner = "AWS" if policy.owner == "aws" else "customer"
        page.line(f"{policy.name} ({owner}): {managed_actions(policy)}", indent=4, mark=managed_sign(policy))
        if policy.owner != "aws":
            page.value(policy.arn, indent=6)


def key_line(page: Page, key: str, *, approved: bool, indent: int = 6) -> None:
    """Add the key by which a change is approved."""
    page.line(f"{key}{' (approved)' if approved else ''}", indent=indent, mark="key")


def _titled(holder: Holder) -> str:
    title = title_of(holder)
    return title if title == holder.address else f"{title} ({holder.address})"
