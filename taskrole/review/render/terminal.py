"""The terminal: the whole review, with wrapped prose and uncut values; colour only in an interactive terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.finding import Finding, by_code
from taskrole.output.options import DEFAULTS, RenderOptions
from taskrole.output.text.page import Page
from taskrole.review.render.changes import (
    touched_findings,
    untouched_findings,
)
from taskrole.review.render.headline import headline
from taskrole.review.render.sections import (
    DRIFT,
    FINDINGS,
    LEVELS,
    NOT_REVIEWED,
    UNRESOLVED_TITLE,
    UNTOUCHED_FINDINGS,
    has_one_reason,
    not_reviewed_groups,
)
from taskrole.review.render.terminal_access import (
    access,
    key_line,
    managed,
    policies,
    trust,
    unknown_roles,
    workloads,
)
from taskrole.review.render.view import (
    banners,
    counted,
    drift_text,
    footer,
    is_uneventful,
    levels,
    quiet_line,
    signed,
    unresolved_name,
)
from taskrole.review.report import Report


def render_terminal(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return the review as lines of `options.width` columns, with ANSI colours if `options.color`.

    A wider value is printed uncut on a separate line.
    """
    page = Page(options.width, color=options.color)
    if is_uneventful(report):
        page.line(quiet_line(report))
        return page.text()
    for section in (
        _verdict,
        trust,
        workloads,
        access,
        unknown_roles,
        policies,
        managed,
        _levels,
        _findings,
        _untouched_findings,
        _unresolved,
        _not_reviewed,
        _drift,
        _notes,
    ):
        section(page, report)
    _footer(page, report, options)
    return page.text()


def _verdict(page: Page, report: Report) -> None:
    mark, style = ("BLOCKED", "error") if report.blocked else ("NOT BLOCKED", "narrows")
    text = " · ".join(part.text for part in headline(report))
    page.line(text.replace("`", ""), mark=mark, style=style)
    for text in (*banners(report), *report.reasons):
        page.line(text, indent=2, mark="!", style="error")


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


def _finding_list(page: Page, heading: str, findings: Sequence[Finding]) -> None:
    if findings:
        page.heading(heading)
    for finding in by_code(findings):
        mark = "waived" if finding.waived else finding.severity
        page.line(f"{finding.code}  {finding.source}", indent=2, mark=mark, style="" if finding.waived else mark)
        for label, text in _parts(finding):
            page.line(text, indent=4, mark=label)


def _parts(finding: Finding) -> Iterator[tuple[str, str]]:
    parts: Iterable[tuple[str, str]] = (
        ("at ", str(finding.location or "")),
        ("", finding.message),
        ("fix", finding.fix),
        ("", finding.waiver_text),
    )
    yield from ((label, text) for label, text in parts if text)


def _unresolved(page: Page, report: Report) -> None:
    if report.unresolved:
        page.heading(f"{UNRESOLVED_TITLE}: not known, and so not passed")
    for value in report.unresolved:
        if value.attribute.startswith("arn:"):
            page.line(value.address, indent=2, mark="?", style="unresolved")
            page.value(value.attribute, indent=4)
        else:
            page.line(unresolved_name(value), indent=2, mark="?", style="unresolved")
        page.line(value.because, indent=4)
        if value.key:
            key_line(page, value.key, approved=value.approved, indent=4)


def _not_reviewed(page: Page, report: Report) -> None:
    groups = not_reviewed_groups(report)
    if groups:
        page.heading(f"{NOT_REVIEWED}: {counted(len(report.not_reviewed), 'change')} that can affect access")
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


def _footer(page: Page, report: Report, options: RenderOptions) -> None:
    plan, *others = footer(report, options)
    page.blank()
    page.line(plan)
    page.line(" · ".join(others))
