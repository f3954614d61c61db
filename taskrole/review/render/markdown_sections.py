"""The sections of the Markdown layout, in order, each with the steps that shorten it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from taskrole.finding import Finding, by_code
from taskrole.output.escape.markdown import bold, code, fence, prose
from taskrole.output.escape.plain import cut
from taskrole.output.formats.markdown import markdown_finding, rule_link
from taskrole.output.options import RenderOptions
from taskrole.review.render.budget import CutStep, Section, SectionRow, within
from taskrole.review.render.changes import (
    AccessChange,
    access_groups,
    policy_groups,
    touched_findings,
    unknown_role_groups,
    untouched_findings,
    workload_groups,
)
from taskrole.review.render.markdown_access import LONGEST_IN_A_CELL, TABLE, access_section, group_section
from taskrole.review.render.markdown_unknown import not_reviewed_section, unresolved_section
from taskrole.review.render.sections import (
    DRIFT,
    FINDINGS,
    LEVELS,
    MANAGED,
    POLICIES,
    TRUST_TITLE,
    UNKNOWN_ROLES,
    UNTOUCHED_FINDINGS,
    WORKLOADS_TITLE,
)
from taskrole.review.render.signs import with_sign
from taskrole.review.render.trust import TrustDifference, trust_differences
from taskrole.review.render.view import (
    LevelCount,
    drift_text,
    levels,
    managed_actions,
    managed_changes,
    managed_sign,
    title_of,
)
from taskrole.review.report import ManagedPolicy, Report, RoleReview

_LONGEST_DIFF = 20_000


def sections(report: Report, options: RenderOptions, budget: int) -> list[Section]:
    """Return the sections that are not empty. The ranks of their steps are the order in which they are cut."""
    trusts, managed = trust_differences(report), managed_changes(report)
    findings, old = by_code(touched_findings(report)), by_code(untouched_findings(report))
    workloads, unknown, policies = workload_groups(report), unknown_role_groups(report), policy_groups(report)
    changes = [change for group in (*access_groups(report), *unknown) for change in group.changes]

    def section(lines: Iterable[str], *steps: CutStep) -> Section:
        return Section(within(lines, budget), steps)

    made = (
        _trust(trusts, budget),
        group_section(WORKLOADS_TITLE, workloads, "workloads", 14, budget),
        access_section(report, trusts, budget),
        group_section(UNKNOWN_ROLES, unknown, "roles that are not known", 15, budget),
        group_section(POLICIES, policies, "policies by themselves", 13, budget),
        _managed(managed, budget),
        section(_levels(report), CutStep(7, "actions by access level of each role", tuple(_level_sums(report)))),
        section(
            _findings(FINDINGS, findings, options),
            CutStep(5, "what each finding says", within(_finding_lines(FINDINGS, findings, options), budget)),
            CutStep(6, "findings one by one", tuple(_finding_counts(FINDINGS, findings, options))),
        ),
        section(
            _findings(f"{UNTOUCHED_FINDINGS}: {len(old):,}", old, options),
            CutStep(
                4, "findings on what this plan leaves alone", tuple(_finding_counts(UNTOUCHED_FINDINGS, old, options))
            ),
        ),
        unresolved_section(report, budget),
        not_reviewed_section(report, budget),
        _drift(report, budget),
        section(_notes(report), CutStep(3, "notes", _number("Notes", report.notes))),
        section(_keys(trusts, changes), CutStep(1, "keys for approvals")),
        section(_documents(trusts), CutStep(0, "trust policies as JSON")),
    )
    return [section for section in made if section.lines]


def _rows(heading: str, rows: Sequence[SectionRow], steps: Sequence[CutStep], budget: int) -> Section:
    """Return a table whose rows the first of the steps cuts, or an empty section if there are no rows."""
    head = (f"### {heading}", "", *TABLE)
    if not rows:
        return Section((), ())
    first = CutStep(steps[0].rank, steps[0].cut, head, tuple(rows), steps[0].share)
    return Section(within((*head, *(row.line for row in rows)), budget), (first, *steps[1:]))


def _trust(differences: Sequence[TrustDifference], budget: int) -> Section:
    rows: list[SectionRow] = []
    for difference in differences:
        role = difference.role
        approved = "<br>✅ approved" if role.trust.approved else ""
        sign = "🔴" if difference.broadens else "🟢"
        address = "" if title_of(role) == role.address else f" {code(role.address, LONGEST_IN_A_CELL)}"
        rows.append(
            SectionRow(
                f"| {sign} | {bold(code(title_of(role), LONGEST_IN_A_CELL))}{address} {role.verdict}{approved} |",
                must=True,
            )
        )
        for number, line in enumerate(difference.lines):
            sign = with_sign("🔴" if line.broadens else "🟢", line.sign)
            rows.append(SectionRow(f"| {sign} | {prose(line.text, 500)} |", must=number == 0))
    # After the last step, the line of a role includes its trust.
    return _rows(
        TRUST_TITLE,
        rows,
        (CutStep(12, "changes of trust", share=0.1), CutStep(18, "changes of trust one by one")),
        budget,
    )


def _managed(changes: Sequence[tuple[RoleReview, ManagedPolicy]], budget: int) -> Section:
    rows = [SectionRow(_managed_row(role, policy)) for role, policy in changes]
    return _rows(MANAGED, rows, (CutStep(9, "managed policies"),), budget)


def _managed_row(role: RoleReview, policy: ManagedPolicy) -> str:
    owner = "AWS" if policy.owner == "aws" else f"customer<br>{code(policy.arn, LONGEST_IN_A_CELL)}"
    name = code(policy.name, LONGEST_IN_A_CELL)
    who = f"role {code(title_of(role), LONGEST_IN_A_CELL)}"
    return f"| {managed_sign(policy)} {policy.change} | {name}: {managed_actions(policy)}<br>{who}, of {owner} |"


def _drift(report: Report, budget: int) -> Section:
    rows = [
        SectionRow(
            f"| {with_sign('🔴', change.sign) if change.broadens else change.sign} "
            f"| {code(drift.address, LONGEST_IN_A_CELL)}<br>{prose(drift_text(change), 500)} |"
        )
        for drift in report.drift
        for change in drift.changes
    ]
    return _rows(DRIFT, rows, (CutStep(8, "changes outside of Terraform"),), budget)


def _levels(report: Report) -> Iterator[str]:
    roles = [role for role in report.roles if _counts_differ(role)]
    if not roles:
        return
    columns = [count.level for count in levels(roles)]
    yield from (f"### {LEVELS}, before → after", "")
    yield f"| Role | {' | '.join(map(prose, columns))} |"
    yield f"|---|{'---:|' * len(columns)}"
    for role in roles:
        counts = {count.level: count for count in levels([role])}
        cells = (_level_cell(counts.get(level)) for level in columns)
        yield f"| {code(title_of(role), LONGEST_IN_A_CELL)} | {' | '.join(cells)} |"


def _counts_differ(role: RoleReview) -> bool:
    return any(count.delta for count in levels([role]))


def _level_cell(count: LevelCount | None) -> str:
    if count is None:
        return "0"
    return f"**{count.before:,} → {count.after:,}**" if count.delta else f"{count.after:,}"


def _level_sums(report: Report) -> Iterator[str]:
    sums = ", ".join(f"{prose(level.level)} {level.before:,} → {level.after:,}" for level in levels(report.roles))
    yield f"**Effective actions of all roles, before → after:** {sums}"


def _findings(heading: str, findings: Sequence[Finding], options: RenderOptions) -> Iterator[str]:
    if findings:
        yield from (f"### {heading}", "")
    for finding in findings:
        yield markdown_finding(finding, options)
        yield f"  <br>{prose(finding.message)}"
        if finding.fix:
            yield f"  <br>**Fix:** {prose(finding.fix)}"
        if finding.waived:
            yield f"  <br>_{prose(finding.waiver_text)}_"


def _finding_lines(heading: str, findings: Sequence[Finding], options: RenderOptions) -> Iterator[str]:
    if findings:
        yield from (f"### {heading}", "")
    for finding in findings:
        yield markdown_finding(finding, options)


def _finding_counts(heading: str, findings: Sequence[Finding], options: RenderOptions) -> Iterator[str]:
    counts = Counter((finding.waived is not None, finding.severity, finding.code) for finding in findings)
    yield from (f"### {heading}", "")
    for (is_waived, severity, rule), number in counts.items():
        yield f"- {'waived ' if is_waived else ''}{severity} {rule_link(rule, options)}: {number:,}"


def _notes(report: Report) -> Iterator[str]:
    if report.notes:
        yield from ("### Notes", "")
    yield from (f"- {prose(note, 500)}" for note in report.notes)


def _number(heading: str, things: Sequence[object]) -> tuple[str, ...]:
    return (f"### {heading}", "", f"{len(things):,} in all.")


def _keys(differences: Sequence[TrustDifference], changes: Sequence[AccessChange]) -> Iterator[str]:
    trusts = [difference for difference in differences if difference.broadens and not difference.role.trust.approved]
    grants = [change for change in changes if change.key and not change.row.approved]
    if not trusts and not grants:
        return
    yield from ("<details><summary>Keys for approvals</summary>", "")
    for trust in trusts:
        yield f"- {code(trust.role.trust.key)} trust of role {code(title_of(trust.role))}"
    for change in grants:
        sentence = change.row.sentence.removeprefix(f"{change.sign} ")
        yield f"- {code(change.key)} {change.sign} {prose(sentence, 500)}"
    yield from ("", "</details>")


def _documents(differences: Sequence[TrustDifference]) -> Iterator[str]:
    if not differences:
        return
    yield from ("<details><summary>Trust policies as JSON</summary>", "")
    for difference in differences:
        documents = cut(difference.documents(), _LONGEST_DIFF)
        yield from (code(difference.role.address), "", fence(documents, "diff"), "")
    yield "</details>"
