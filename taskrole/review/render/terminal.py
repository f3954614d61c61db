"""The terminal: the whole review, prose wrapped, values never cut; colour only where somebody looks at it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from taskrole.review.render.changes import (
    AccessChange,
    Group,
    Holder,
    access_groups,
    policy_groups,
    quiet_roles,
    touched_findings,
    unknown_role_groups,
    untouched_findings,
    what_of,
    workload_groups,
)
from taskrole.review.render.headline import headline
from taskrole.review.render.options import DEFAULTS, RenderOptions
from taskrole.review.render.sections import (
    ACCESS,
    DRIFT,
    FINDINGS,
    LEVELS,
    MANAGED,
    NOT_REVIEWED,
    POLICIES,
    TRUST,
    UNKNOWN_ROLES,
    UNRESOLVED,
    UNTOUCHED_FINDINGS,
    WORKLOADS,
    has_one_reason,
    not_reviewed_groups,
    policy_facts,
    workload_facts,
)
from taskrole.review.render.terminal_page import Page
from taskrole.review.render.trust import trust_differences
from taskrole.review.render.view import (
    banners,
    by_severity,
    condition_text,
    counted,
    drift_text,
    footer,
    is_quiet,
    levels,
    location_of,
    managed_actions,
    managed_changes,
    managed_sign,
    quiet_line,
    signed,
    title_of,
    unresolved_name,
    waiver_text,
)
from taskrole.review.report import Report, ReviewFinding


def wants_color(stream: TextIO) -> bool:
    """Return whether a stream is a terminal of a person who has not said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render_terminal(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as lines of `options.width` columns, with ANSI colours where `options.color` says so.

    A value that is wider than that stands whole on a line of its own.
    """
    page = Page(options)
    if is_quiet(report):
        page.line(quiet_line(report))
        return page.text()
    for section in (
        _verdict,
        _trust,
        _workloads,
        _access,
        _unknown_roles,
        _policies,
        _managed,
        _levels,
        _findings,
        _untouched_findings,
        _unresolved,
        _not_reviewed,
        _drift,
        _notes,
        _footer,
    ):
        section(page, report)
    return page.text()


def _verdict(page: Page, report: Report) -> None:
    mark, style = ("BLOCKED", "error") if report.blocked else ("NOT BLOCKED", "narrows")
    text = " · ".join(part.text for part in headline(report))
    page.line(text.replace("`", ""), mark=mark, style=style)
    for text in (*banners(report), *report.reasons):
        page.line(text, indent=2, mark="!", style="error")


def _trust(page: Page, report: Report) -> None:
    differences = trust_differences(report)
    if differences:
        page.heading(f"{TRUST}: who may assume a role")
    for difference in differences:
        page.line(_titled(difference.role), indent=2)
        for line in difference.lines:
            page.line(line.text, indent=4, mark=line.sign, style="broadens" if line.broadens else "narrows")
        if difference.broadens:
            _key(page, difference.role.trust.key, approved=difference.role.trust.approved)


def _workloads(page: Page, report: Report) -> None:
    groups = workload_groups(report)
    if groups:
        page.heading(WORKLOADS)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _facts(page, workload_facts(group.holder))
        _grants(page, group)


def _access(page: Page, report: Report) -> None:
    groups, quiet = access_groups(report), quiet_roles(report)
    if groups:
        page.heading(ACCESS)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _grants(page, group)
    for verdict, roles in quiet.items():
        if groups:
            page.line(f"{verdict}: {', '.join(map(_titled, roles))}", indent=2)


def _unknown_roles(page: Page, report: Report) -> None:
    groups = unknown_role_groups(report)
    if groups:
        page.heading(UNKNOWN_ROLES)
    for group in groups:
        page.line(f"{_titled(group.holder)}: {group.holder.verdict}", indent=2)
        _grants(page, group)


def _policies(page: Page, report: Report) -> None:
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
        _key(page, key, approved=getattr(group.holder, "approved", False), indent=4)


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
        _key(page, change.key, approved=row.approved)


def _managed(page: Page, report: Report) -> None:
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


def _key(page: Page, key: str, *, approved: bool, indent: int = 6) -> None:
    page.line(f"{key}{' (approved)' if approved else ''}", indent=indent, mark="key")


def _levels(page: Page, report: Report) -> None:
    counts = levels(report.roles)
    if counts:
        page.heading(f"{LEVELS}, before → after")
    for count in counts:
        delta = f"  ({signed(count.delta)})" if count.delta else ""
        page.line(f"{count.level:<22} {count.before:>6,} → {count.after:,}{delta}", indent=2)


def _findings(page: Page, report: Report) -> None:
    _finding_list(page, FINDINGS, touched_findings(report))


def _untouched_findings(page: Page, report: Report) -> None:
    findings = untouched_findings(report)
    _finding_list(page, f"{UNTOUCHED_FINDINGS}: {len(findings):,}", findings)


def _finding_list(page: Page, heading: str, findings: Sequence[ReviewFinding]) -> None:
    if findings:
        page.heading(heading)
    for finding in by_severity(findings):
        mark = "waived" if finding.waived else finding.severity
        page.line(f"{finding.code}  {finding.address}", indent=2, mark=mark, style="" if finding.waived else mark)
        for label, text in _parts(finding):
            page.line(text, indent=4, mark=label)


def _parts(finding: ReviewFinding) -> Iterator[tuple[str, str]]:
    parts: Iterable[tuple[str, str]] = (
        ("at ", location_of(finding)),
        ("", finding.message),
        ("fix", finding.fix),
        ("", waiver_text(finding)),
    )
    yield from ((label, text) for label, text in parts if text)


def _unresolved(page: Page, report: Report) -> None:
    if report.unresolved:
        page.heading(f"{UNRESOLVED}: not known, and so not passed")
    for value in report.unresolved:
        if value.attribute.startswith("arn:"):
            page.line(value.address, indent=2, mark="?", style="unresolved")
            page.value(value.attribute, indent=4)
        else:
            page.line(unresolved_name(value), indent=2, mark="?", style="unresolved")
        page.line(value.because, indent=4)
        if value.key:
            _key(page, value.key, approved=value.approved, indent=4)


def _not_reviewed(page: Page, report: Report) -> None:
    groups = not_reviewed_groups(report)
    if groups:
        page.heading(f"{NOT_REVIEWED}: {counted(len(report.not_reviewed), 'change')} that can matter for access")
    for category, type_, entries in groups:
        page.line(f"{category}: {type_} ({len(entries):,})", indent=2, mark="?", style="unresolved")
        if has_one_reason(entries):
            page.line(entries[0].why, indent=4)
        for entry in entries:
            why = "" if has_one_reason(entries) else f": {entry.why}"
            page.line(f"{'/'.join(entry.actions)} {entry.address}{why}", indent=6)


def _drift(page: Page, report: Report) -> None:
    if report.drift:
        page.heading(DRIFT)
    for drift in report.drift:
        page.line(drift.address, indent=2)
        for change in drift.changes:
            style = "broadens" if change.broadens else ""
            page.line(drift_text(change), indent=4, mark=change.sign, style=style)


def _notes(page: Page, report: Report) -> None:
    if report.notes:
        page.heading("Notes")
    for text in report.notes:
        page.line(text, indent=2, mark="·")


def _footer(page: Page, report: Report) -> None:
    plan, *others = footer(report, page.options)
    page.line("")
    page.line(plan)
    page.line(" · ".join(others))


def _titled(holder: Holder) -> str:
    title = title_of(holder)
    return title if title == holder.address else f"{title} ({holder.address})"
