"""Formats the report of `taskrole observe` as text."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.grant import RoleKind
from taskrole.observe.blind_spot_text import blind_spot_sentences
from taskrole.observe.blind_spots import BlindSpots
from taskrole.observe.granted import Granted, RoleComparison, UseStatus
from taskrole.observe.proposals import TooLarge
from taskrole.observe.recording import UnmappedEvent
from taskrole.observe.report import ObserveReport, RoleReport
from taskrole.observe.roles_yaml import FORMS, entries_of, entry_lines
from taskrole.observe.usage import amount, days_between, times
from taskrole.output.lines import count
from taskrole.output.text.page import Page

_ARTICLES: dict[RoleKind, str] = {"task": "a", "execution": "an"}
_MOST_RESOURCES = 10
_MOST_ACTIONS = 6
_MOST_LINES = 10
_STYLES: dict[UseStatus, str] = {"used": "OK", "never used": "warning", "not visible": "unknown"}


def write_report(page: Page, report: ObserveReport, *, quiet: bool = False) -> None:
    """Add a report to a page; `quiet` leaves out the reach of the evidence."""
    if not quiet:
        _reach(page, report)
    for role in report.roles:
        _role(page, role, report)
    _blind_spots(page, report.blind_spots)
    if report.skipped:
        page.heading("Not read")
        _some(page, report.skipped)


def _reach(page: Page, report: ObserveReport) -> None:
    reach = report.reach
    if not reach.events:
        return
    when = f", {days_between(reach.first, reach.last)}" if reach.first else ""
    roles = count(len(report.roles), "role")
    page.line(f"{reach.events:,} events read{when}; {reach.kept:,} of them are of {roles} here")


def _role(page: Page, role: RoleReport, report: ObserveReport) -> None:
    if not role.usage.role:
        page.heading("Evidence without a role")
    else:
        kind = f"{role.kind} role" if role.is_kind_known else f"inferred: {_ARTICLES[role.kind]} {role.kind} role"
        page.heading(f"Role {role.usage.name} ({kind})")
        page.value(role.usage.role, 2)
    evidence = role.usage.evidence
    when = f", {days_between(evidence.first, evidence.last)}" if evidence and evidence.first else ""
    page.line(f"{amount(evidence)}{when}" if evidence else "no call was seen", 2)
    _proposals(page, role)
    if role.comparison:
        _comparison(page, role.comparison, report)
    _denied(page, role)
    _rest(page, role)


def _proposals(page: Page, role: RoleReport) -> None:
    proposals = role.proposals
    if proposals.too_large:
        _too_large(page, proposals.too_large)
    for form in FORMS:
        entries = entries_of(role, form)
        if entries:
            page.blank()
            page.line("To add to the role in roles.yaml:", 2, style="bold")
            page.block("\n".join([f"{form}:", *(f"  {line}" for line in entry_lines(entries, _MOST_RESOURCES))]), 4)
    if proposals.already:
        page.blank()
        page.line(f"roles.yaml already gives {count(proposals.already, 'permission')} that it used.", 2)
    if proposals.not_proposed:
        page.blank()
        page.line("Seen, but not proposed:", 2, style="bold")
        for use in proposals.not_proposed:
            page.line(f"{use.action}, {use.evidence.sentence}: {use.because}", 4)
            if use.resource:
                page.value(use.resource, 6)


def _too_large(page: Page, too_large: TooLarge) -> None:
    page.blank()
    page.line("No proposals: the exact policies do not fit into a role.", 2, style="error")
    page.line(f"{too_large.resources:,} ARNs are {too_large.excess:,} characters too many for IAM's quotas.", 4)
    if too_large.least is None:
        page.line("No prefix is short enough: write statements, or use separate roles for some tasks.", 4)
        return
    page.line(f"They fit with --generalise {too_large.least}, which makes prefixes such as:", 4)
    for prefix in too_large.prefixes:
        page.value(prefix.pattern, 6)
        page.line(f"for {len(prefix.resources):,} ARNs", 8)


def _comparison(page: Page, comparison: RoleComparison, report: ObserveReport) -> None:
    page.blank()
    page.line(f"Compared with {comparison.role.name}:", 2, style="bold")
    since = f" since {report.reach.first[:10]}" if report.reach.first else ""
    titles: dict[UseStatus, str] = {
        "used": "Granted and used",
        "never used": f"Granted, never used{since}",
        "not visible": "Granted, usage not visible in this evidence",
    }
    for status, title in titles.items():
        rows = comparison.of(status)
        page.line(f"{title}: {'' if rows else 'nothing'}".rstrip(), 4, style=_STYLES[status] if rows else "")
        for row in rows:
            _granted(page, row)
    for problem in comparison.unknown:
        page.line(f"not compared: {problem}", 4, style="unknown")


def _granted(page: Page, row: Granted) -> None:
    names = ", ".join(row.actions[:_MOST_ACTIONS])
    more = len(row.actions) - _MOST_ACTIONS
    actions = f"{names} and {more:,} more" if more > 0 else names
    page.line(f"{actions} (policy {row.policy.rpartition(':policy/')[2]})", 6)
    if row.is_except:
        page.line("on everything but", 8)
    for resource in row.resources[:_MOST_RESOURCES]:
        page.value(resource, 8)
    if len(row.resources) > _MOST_RESOURCES:
        page.line(f"and {len(row.resources) - _MOST_RESOURCES:,} more", 8)
    if row.evidence:
        page.line(row.evidence.sentence, 8)
    if row.because:
        page.line(row.because, 8)


def _denied(page: Page, role: RoleReport) -> None:
    if not role.denied:
        return
    page.blank()
    page.line("Denied:", 2, style="error")
    for denial in role.denied:
        later = "; allowed later" if denial.since_allowed else ""
        page.line(f"{denial.action}, {denial.evidence.sentence}: {denial.reason}{later}", 4)
        if denial.resource:
            page.value(denial.resource, 6)
    page.line("To fix a denied call, run taskrole explain-denial with the message or the event.", 4, style="dim")


def _rest(page: Page, role: RoleReport) -> None:
    unseen = [guess for guess in role.guesses if not guess.is_seen]
    if unseen:
        page.blank()
        page.line("Inferred by a tool, never seen, not proposed:", 2, style="bold")
        for guess in unseen:
            page.line(f"{guess.action} ({guess.tool})", 4)
            if guess.resource:
                page.value(guess.resource, 6)
    _events(page, "Events with unknown permissions:", role.usage.unmapped)
    _events(page, "Events that require no grant:", role.usage.without_need)
    if role.usage.last_accessed is not None:
        used = [f"{service} {when[:10]}" for service, when in role.usage.last_accessed.items() if when]
        never = [service for service, when in role.usage.last_accessed.items() if not when]
        page.blank()
        page.line(f"Last called, according to IAM: {', '.join(used) or 'nothing'}.", 2)
        if never:
            page.line(f"Never called, according to IAM: {', '.join(never)}.", 2)
    for sentence in role.beside:
        page.blank()
        page.line(f"Not recorded: {sentence}.", 2, style="unknown")


def _events(page: Page, heading: str, events: Sequence[UnmappedEvent]) -> None:
    if events:
        page.blank()
        page.line(heading, 2, style="bold")
        _some(page, [f"{event.event}, {times(event.count)}: {event.because}" for event in events], 4)


def _blind_spots(page: Page, spots: BlindSpots) -> None:
    page.heading("Blind spots")
    for sentence in blind_spot_sentences(spots):
        page.line(sentence, 2)


def _some(page: Page, lines: Sequence[str], indent: int = 2) -> None:
    for line in lines[:_MOST_LINES]:
        page.line(line, indent)
    if len(lines) > _MOST_LINES:
        page.line(f"and {len(lines) - _MOST_LINES:,} more", indent)
