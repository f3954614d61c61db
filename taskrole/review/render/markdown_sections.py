"""The sections of the Markdown layout, in their order, each with what becomes of it when it must be shorter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from taskrole.review.render.budget import Section, Step
from taskrole.review.render.escape.markdown import code, fence, prose
from taskrole.review.render.escape.plain import cut
from taskrole.review.render.options import RenderOptions
from taskrole.review.render.trust import trust_differences
from taskrole.review.render.view import (
    AccessChange,
    LevelCount,
    access_changes,
    by_severity,
    condition_text,
    levels,
    location_of,
    role_title,
    waiver_text,
)
from taskrole.review.report import Report, ReviewFinding, RoleReview, Verdict

VERDICT_SIGNS: Mapping[Verdict, str] = {
    "broadens": "🔴",
    "unresolved": "🟡",
    "narrows": "🟢",
    "neutral": "⚪",
    "no-change": "⚪",
}
_SEVERITY_SIGNS = {"error": "🔴", "warning": "🟡", "note": "🔵"}
_MOST_IN_A_CELL = 10
_LONGEST_IN_A_CELL = 200
_LONGEST_DIFF = 20_000


def sections(report: Report, options: RenderOptions) -> list[Section]:
    """Return the sections that have something to say. The ranks of their steps are the order in which they are cut."""
    findings = by_severity(report.findings)
    made = (
        Section(tuple(_trust(report)), (Step(9, "changes of trust", None),)),
        Section(tuple(_access(report)), (Step(8, "changes of access", None),)),
        Section(tuple(_levels(report)), (Step(6, "actions by access level of each role", tuple(_level_sums(report))),)),
        Section(
            tuple(_findings(findings, options)),
            (
                Step(3, "what each finding says", tuple(_finding_lines(findings, options))),
                Step(4, "findings one by one", tuple(_finding_counts(findings, options))),
            ),
        ),
        Section(
            tuple(_unresolved(report)),
            (Step(5, "unresolved values one by one", _number("Unresolved", report.unresolved)),),
        ),
        Section(tuple(_notes(report)), (Step(2, "notes", _number("Notes", report.notes)),)),
        Section(tuple(_keys(report)), (Step(1, "keys for approvals"),)),
        Section(tuple(_documents(report)), (Step(0, "trust policies as JSON"),)),
    )
    return [section for section in made if section.lines]


def _trust(report: Report) -> Iterator[str]:
    differences = trust_differences(report)
    if differences:
        yield from ("### Trust changes", "", "| ± | Role | Who may assume it |", "|---|---|---|")
    for difference in differences:
        role = code(role_title(difference.role))
        for line in difference.lines:
            yield f"| {'🔴' if line.broadens else '🟢'} {line.sign} | {role} | {code(line.text)} |"


def _access(report: Report) -> Iterator[str]:
    changes = access_changes(report)
    if changes:
        yield from (
            "### Access changes",
            "",
            "| ± | Role | Access level | Action | Resource | Condition | Why |",
            "|---|---|---|---|---|---|---|",
        )
    yield from map(_access_row, changes)


def _access_row(change: AccessChange) -> str:
    row = change.row
    denies = "**Deny** " if row.effect == "Deny" else ""
    approved = "✅ approved<br>" if row.approved else ""
    cells = (
        f"{'🔴' if change.broadens else '🟢'} {change.sign}",
        code(role_title(change.role), _LONGEST_IN_A_CELL),
        f"{denies}{prose(row.access_level)}",
        _cell(row.actions),
        _cell(row.resources),
        _cell(condition_text(row)),
        f"{approved}{prose(change.why, 500)}",
    )
    return f"| {' | '.join(cells)} |"


def _cell(values: Iterable[str]) -> str:
    values = list(values)
    shown = [code(value, _LONGEST_IN_A_CELL) for value in values[:_MOST_IN_A_CELL]]
    more = len(values) - _MOST_IN_A_CELL
    return "<br>".join([*shown, *([f"… and {more:,} more"] if more > 0 else [])])


def _levels(report: Report) -> Iterator[str]:
    roles = [role for role in report.roles if _counts_differ(role)]
    if not roles:
        return
    columns = [count.level for count in levels(roles)]
    yield from ("### Effective actions by access level, before → after", "")
    yield f"| Role | {' | '.join(map(prose, columns))} |"
    yield f"|---|{'---:|' * len(columns)}"
    for role in roles:
        counts = {count.level: count for count in levels([role])}
        cells = (_level_cell(counts.get(level)) for level in columns)
        yield f"| {code(role_title(role), _LONGEST_IN_A_CELL)} | {' | '.join(cells)} |"


def _counts_differ(role: RoleReview) -> bool:
    return any(count.delta for count in levels([role]))


def _level_cell(count: LevelCount | None) -> str:
    if count is None:
        return "0"
    return f"**{count.before:,} → {count.after:,}**" if count.delta else f"{count.after:,}"


def _level_sums(report: Report) -> Iterator[str]:
    sums = ", ".join(f"{prose(one.level)} {one.before:,} → {one.after:,}" for one in levels(report.roles))
    yield f"**Effective actions of all roles, before → after:** {sums}"


def _findings(findings: Sequence[ReviewFinding], options: RenderOptions) -> Iterator[str]:
    if findings:
        yield from ("### Findings", "")
    for finding in findings:
        yield _finding_line(finding, options)
        yield f"  <br>{prose(finding.message)}"
        if finding.fix:
            yield f"  <br>**Fix:** {prose(finding.fix)}"
        if finding.waived:
            yield f"  <br>_{prose(waiver_text(finding))}_"


def _finding_lines(findings: Sequence[ReviewFinding], options: RenderOptions) -> Iterator[str]:
    if findings:
        yield from ("### Findings", "")
    for finding in findings:
        yield _finding_line(finding, options)


def _finding_line(finding: ReviewFinding, options: RenderOptions) -> str:
    sign = "⚪" if finding.waived else _SEVERITY_SIGNS[finding.severity]
    state = "waived " if finding.waived else ""
    place = location_of(finding)
    at = f" at {code(place, _LONGEST_IN_A_CELL)}" if place else ""
    return f"- {sign} {state}{finding.severity} {_rule(finding.code, options)} {code(finding.address)}{at}"


def _finding_counts(findings: Sequence[ReviewFinding], options: RenderOptions) -> Iterator[str]:
    counts = Counter((finding.waived is not None, finding.severity, finding.code) for finding in findings)
    yield from ("### Findings", "")
    for (is_waived, severity, rule), number in counts.items():
        yield f"- {'waived ' if is_waived else ''}{severity} {_rule(rule, options)}: {number:,}"


def _rule(rule: str, options: RenderOptions) -> str:
    address = options.rule_address(rule)
    return f"[{code(rule)}]({address})" if address else code(rule)


def _unresolved(report: Report) -> Iterator[str]:
    if report.unresolved:
        yield from ("### Unresolved: not known, and so not passed", "")
    for one in report.unresolved:
        yield f"- 🟡 {code(f'{one.address}.{one.attribute}')}: {prose(one.because, 500)}"


def _notes(report: Report) -> Iterator[str]:
    if report.notes:
        yield from ("### Notes", "")
    yield from (f"- {prose(note, 500)}" for note in report.notes)


def _number(heading: str, things: Sequence[object]) -> tuple[str, ...]:
    return (f"### {heading}", "", f"{len(things):,} in all.")


def _keys(report: Report) -> Iterator[str]:
    waiting = [change for change in access_changes(report) if change.broadens and not change.row.approved]
    if not waiting:
        return
    yield from ("<details><summary>Keys for approvals</summary>", "")
    for change in waiting:
        yield f"- {code(change.row.key)} {prose(change.row.sentence, 500)}"
    yield from ("", "</details>")


def _documents(report: Report) -> Iterator[str]:
    differences = trust_differences(report)
    if not differences:
        return
    yield from ("<details><summary>Trust policies as JSON</summary>", "")
    for difference in differences:
        yield from (code(difference.role.address), "", fence(cut(difference.documents, _LONGEST_DIFF), "diff"), "")
    yield "</details>"
