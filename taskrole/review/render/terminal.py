"""The terminal: the whole review in 80 columns, nothing cut; colour only where somebody looks at it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

import click

from taskrole.review.render.escape.plain import visible
from taskrole.review.render.options import DEFAULTS, RenderOptions
from taskrole.review.render.trust import trust_differences
from taskrole.review.render.view import (
    AccessChange,
    access_changes,
    banners,
    by_severity,
    condition_text,
    drift_text,
    footer,
    headline,
    is_quiet,
    levels,
    location_of,
    managed_actions,
    managed_changes,
    managed_owner,
    managed_sign,
    quiet_line,
    role_title,
    signed,
    unresolved_name,
    waiver_text,
    what_of,
)
from taskrole.review.render.wrap import wrapped
from taskrole.review.report import Report, ReviewFinding, RoleReview

_COLORS: Mapping[str, str] = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "broadens": "red",
    "unresolved": "yellow",
    "narrows": "green",
}


def wants_color(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal of a person who has not said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render_terminal(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as lines of `options.width` columns, with ANSI colours where `options.color` says so."""
    page = _Page(options)
    if is_quiet(report):
        page.line(quiet_line(report))
        return page.text()
    for section in (_verdict, _trust, _access, _managed, _levels, _findings, _unresolved, _drift, _notes, _footer):
        section(page, report)
    return page.text()


class _Page:
    """Lines being written: wrapped, with their continuation lines indented, and coloured."""

    def __init__(self, options: RenderOptions) -> None:
        self.options = options
        self._lines: list[str] = []

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self._lines)

    def heading(self, text: str) -> None:
        self.line("")
        self.line(text, style="bold")

    def line(self, text: str, indent: int = 0, mark: str = "", style: str = "") -> None:
        """Add a text of any length; `mark` stands before its first line, in `style`."""
        margin = indent + (len(mark) + 1 if mark else 0)
        for number, part in enumerate(wrapped(visible(text), max(20, self.options.width - margin))):
            before = f"{' ' * indent}{self._styled(mark, style)} " if mark and number == 0 else " " * margin
            self._lines.append(f"{before}{part if mark else self._styled(part, style)}".rstrip(" "))

    def _styled(self, text: str, style: str) -> str:
        if not (self.options.color and style):
            return text
        return click.style(
            text, bold=style == "bold" or None, fg=_COLORS.get(style, style) if style != "bold" else None
        )


def _verdict(page: _Page, report: Report) -> None:
    mark = "BLOCKED" if report.blocked else "NOT BLOCKED"
    said = headline(report)
    page.line(" · ".join((f"{said[0][:1].upper()}{said[0][1:]}", *said[1:])), mark=mark, style=report.verdict)
    for text in banners(report):
        page.line(text, indent=2, mark="!", style="error")
    for text in report.reasons:
        page.line(text, indent=2, mark="!", style="error")


def _trust(page: _Page, report: Report) -> None:
    differences = trust_differences(report)
    if differences:
        page.heading("Trust changes: who may assume a role")
    for difference in differences:
        page.line(_titled(difference.role), indent=2)
        for line in difference.lines:
            page.line(line.text, indent=4, mark=line.sign, style="broadens" if line.broadens else "narrows")
        if difference.broadens:
            _key(page, difference.role.trust.key, difference.role.trust.approved)


def _access(page: _Page, report: Report) -> None:
    changes = access_changes(report)
    if changes:
        page.heading("Access changes")
    last = None
    for change in changes:
        if change.role is not last:
            page.line(f"{_titled(change.role)}: {change.role.verdict}", indent=2)
            last = change.role
        _grant(page, change)


def _grant(page: _Page, change: AccessChange) -> None:
    row = change.row
    style = "broadens" if change.broadens else "narrows"
    but = "all but " if row.not_actions else ""
    page.line(f"{change.level}: {but}{', '.join(what_of(row))}", indent=4, mark=change.sign, style=style)
    for text in row.resources:
        page.line(f"all but {text}" if row.not_resources else text, indent=6, mark="on ")
    for text in condition_text(row):
        page.line(text, indent=6, mark="if ")
    if change.why:
        page.line(change.why, indent=6, mark="for" if row.because else "!  ", style="" if row.because else "warning")
    if change.broadens:
        _key(page, row.key, row.approved)


def _managed(page: _Page, report: Report) -> None:
    changes = managed_changes(report)
    if changes:
        page.heading("Managed policies: + gains, - loses, ± edits, = keeps")
    last = None
    for role, policy in changes:
        if role is not last:
            page.line(_titled(role), indent=2)
            last = role
        text = f"{policy.name} ({managed_owner(policy)}): {managed_actions(policy)}"
        page.line(text, indent=4, mark=managed_sign(policy))


def _key(page: _Page, key: str, approved: bool) -> None:
    page.line(f"{key}{' (approved)' if approved else ''}", indent=6, mark="key")


def _levels(page: _Page, report: Report) -> None:
    counts = levels(report.roles)
    if counts:
        page.heading("Effective actions by access level, before → after")
    for count in counts:
        delta = f"  ({signed(count.delta)})" if count.delta else ""
        page.line(f"{count.level:<22} {count.before:>6,} → {count.after:,}{delta}", indent=2)


def _findings(page: _Page, report: Report) -> None:
    if report.findings:
        page.heading("Findings")
    for finding in by_severity(report.findings):
        _finding(page, finding)


def _finding(page: _Page, finding: ReviewFinding) -> None:
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


def _unresolved(page: _Page, report: Report) -> None:
    if report.unresolved:
        page.heading("Unresolved: not known, and so not passed")
    for one in report.unresolved:
        page.line(unresolved_name(one), indent=2, mark="?", style="unresolved")
        page.line(one.because, indent=4)


def _drift(page: _Page, report: Report) -> None:
    if report.drift:
        page.heading("Changed outside of Terraform")
    for drift in report.drift:
        page.line(drift.address, indent=2)
        for change in drift.changes:
            style = "broadens" if change.broadens else ""
            page.line(drift_text(change), indent=4, mark=change.sign, style=style)


def _notes(page: _Page, report: Report) -> None:
    if report.notes:
        page.heading("Notes")
    for text in report.notes:
        page.line(text, indent=2, mark="·")


def _footer(page: _Page, report: Report) -> None:
    plan, *versions = footer(report, page.options)
    page.line("")
    page.line(plan)
    page.line(" · ".join(versions))


def _titled(role: RoleReview) -> str:
    title = role_title(role)
    return title if title == role.address else f"{title} ({role.address})"
