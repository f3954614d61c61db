"""The sections of the Markdown layout, in their order, each with what becomes of it when it must be shorter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from taskrole.review.render.budget import Section, Step, within
from taskrole.review.render.escape.markdown import code, fence, prose
from taskrole.review.render.escape.plain import cut
from taskrole.review.render.options import RenderOptions
from taskrole.review.render.trust import TrustDifference, trust_differences
from taskrole.review.render.view import (
    AccessChange,
    LevelCount,
    access_changes,
    by_severity,
    condition_text,
    drift_text,
    levels,
    location_of,
    managed_actions,
    managed_changes,
    managed_owner,
    managed_sign,
    role_title,
    unresolved_name,
    waiver_text,
    what_of,
)
from taskrole.review.report import ManagedPolicy, Report, ReviewFinding, RoleReview, Verdict

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


def sections(report: Report, options: RenderOptions, budget: int) -> list[Section]:
    """Return the sections that have something to say. The ranks of their steps are the order in which they are cut."""
    findings = by_severity(report.findings)
    trusts, accesses, managed = trust_differences(report), access_changes(report), managed_changes(report)

    def section(lines: Iterable[str], *steps: Step, rows: int = 0) -> Section:
        return Section(within(lines, budget), steps, rows)

    made = (
        section(_trust(trusts), Step(11, "changes of trust", None), rows=sum(len(one.lines) for one in trusts)),
        section(_access(accesses), Step(10, "changes of access", None, share=0.3), rows=len(accesses)),
        section(_managed(managed), Step(9, "managed policies", None), rows=len(managed)),
        section(_levels(report), Step(6, "actions by access level of each role", tuple(_level_sums(report)))),
        section(
            _findings(findings, options),
            Step(3, "what each finding says", within(_finding_lines(findings, options), budget)),
            Step(4, "findings one by one", tuple(_finding_counts(findings, options))),
        ),
        section(_unresolved(report), Step(5, "unresolved values one by one", _number("Unresolved", report.unresolved))),
        section(
            _drift(report),
            Step(8, "changes outside of Terraform", None),
            rows=sum(len(one.changes) for one in report.drift),
        ),
        section(_notes(report), Step(2, "notes", _number("Notes", report.notes))),
        section(_keys(trusts, accesses), Step(1, "keys for approvals")),
        section(_documents(trusts), Step(0, "trust policies as JSON")),
    )
    return [one for one in made if one.lines]


def _trust(differences: Sequence[TrustDifference]) -> Iterator[str]:
    if differences:
        yield from ("### Trust changes", "", "| ± | Role | Who may assume it |", "|---|---|---|")
    for difference in differences:
        role = code(role_title(difference.role))
        approved = "✅ approved: " if difference.role.trust.approved else ""
        for line in difference.lines:
            sign = f"{'🔴' if line.broadens else '🟢'} {line.sign}"
            yield f"| {sign} | {role} | {approved if line.broadens else ''}{prose(line.text, 500)} |"


def _access(changes: Sequence[AccessChange]) -> Iterator[str]:
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
    approved = "✅ approved<br>" if row.approved else ""
    cells = (
        f"{'🔴' if change.broadens else '🟢'} {change.sign}",
        code(role_title(change.role), _LONGEST_IN_A_CELL),
        prose(change.level),
        _cell(what_of(row), "all but<br>" if row.not_actions else ""),
        _cell(row.resources, "all but<br>" if row.not_resources else ""),
        _cell(condition_text(row)),
        f"{approved}{prose(change.why, 500)}",
    )
    return f"| {' | '.join(cells)} |"


def _cell(values: Iterable[str], before: str = "") -> str:
    values = list(values)
    shown = [code(value, _LONGEST_IN_A_CELL) for value in values[:_MOST_IN_A_CELL]]
    more = len(values) - _MOST_IN_A_CELL
    return before + "<br>".join([*shown, *([f"… and {more:,} more"] if more > 0 else [])])


def _managed(changes: Sequence[tuple[RoleReview, ManagedPolicy]]) -> Iterator[str]:
    if changes:
        yield from (
            "### Managed policies",
            "",
            "| ± | Role | Managed policy | Whose | Allows |",
            "|---|---|---|---|---|",
        )
    for role, policy in changes:
        cells = (
            f"{managed_sign(policy)} {policy.change}",
            code(role_title(role), _LONGEST_IN_A_CELL),
            code(policy.name, _LONGEST_IN_A_CELL),
            prose(managed_owner(policy), _LONGEST_IN_A_CELL),
            managed_actions(policy),
        )
        yield f"| {' | '.join(cells)} |"


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
    return f"- {sign} {state}{finding.severity} {_rule(finding.code, options)} {code(finding.address)}{at}".rstrip()


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
        yield f"- 🟡 {code(unresolved_name(one))}: {prose(one.because, 500)}"


def _drift(report: Report) -> Iterator[str]:
    if report.drift:
        yield from ("### Changed outside of Terraform", "", "| ± | Resource | What |", "|---|---|---|")
    for drift in report.drift:
        for change in drift.changes:
            sign = f"🔴 {change.sign}" if change.broadens else change.sign
            yield f"| {sign} | {code(drift.address, _LONGEST_IN_A_CELL)} | {prose(drift_text(change), 500)} |"


def _notes(report: Report) -> Iterator[str]:
    if report.notes:
        yield from ("### Notes", "")
    yield from (f"- {prose(note, 500)}" for note in report.notes)


def _number(heading: str, things: Sequence[object]) -> tuple[str, ...]:
    return (f"### {heading}", "", f"{len(things):,} in all.")


def _keys(differences: Sequence[TrustDifference], changes: Sequence[AccessChange]) -> Iterator[str]:
    trusts = [one for one in differences if one.broadens and not one.role.trust.approved]
    grants = [one for one in changes if one.broadens and not one.row.approved]
    if not trusts and not grants:
        return
    yield from ("<details><summary>Keys for approvals</summary>", "")
    for one in trusts:
        yield f"- {code(one.role.trust.key)} trust of role {code(role_title(one.role))}"
    for change in grants:
        sentence = change.row.sentence.removeprefix(f"{change.sign} ")
        yield f"- {code(change.row.key)} {change.sign} {prose(sentence, 500)}"
    yield from ("", "</details>")


def _documents(differences: Sequence[TrustDifference]) -> Iterator[str]:
    if not differences:
        return
    yield from ("<details><summary>Trust policies as JSON</summary>", "")
    for difference in differences:
        documents = cut(difference.documents(), _LONGEST_DIFF)
        yield from (code(difference.role.address), "", fence(documents, "diff"), "")
    yield "</details>"
