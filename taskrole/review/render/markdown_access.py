"""Markdown tables of what roles, policies and workloads gain and lose, with two columns to save width.

The first row of each has its name and verdict, the second its worst grant: a budget never cuts these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from taskrole.output.escape.markdown import bold, code, prose
from taskrole.output.escape.plain import cut
from taskrole.policy.comparison.compare import Verdict
from taskrole.review.render.budget import CutStep, Section, SectionRow, within
from taskrole.review.render.changes import (
    QUIET,
    AccessChange,
    Group,
    Holder,
    access_groups,
    quiet_roles,
    row_text,
    what_of,
)
from taskrole.review.render.sections import ACCESS, policy_facts, workload_lines
from taskrole.review.render.signs import VERDICT_SIGNS, with_sign
from taskrole.review.render.trust import TrustDifference
from taskrole.review.render.view import condition_text, counted, title_of
from taskrole.review.report import Report, RoleReview

_MOST_IN_A_CELL = 10
_MOST_PARTS = 40
_MOST_NAMED = 100
LONGEST_IN_A_CELL = 200
_LONGEST_IN_A_LINE = 140
TABLE = ("| ± | What |", "|---|---|")


def access_section(report: Report, trusts: Sequence[TrustDifference], budget: int) -> Section:
    """Return the grants of known roles. The last step leaves a line for each role, with the change of its trust."""
    groups, quiet = access_groups(report), quiet_roles(report)
    head = (f"### {ACCESS}", "", *TABLE)
    names = list(_quiet(quiet))
    if not groups:
        lines = ("### Roles", "", *names) if quiet else ()
        return Section(lines, _compact_steps([], trusts, names) if lines else ())
    whole = chain(head, _lines(groups, unfolds=True), [""] if names else [], names)
    ends = tuple(SectionRow(line, must=True) for line in (("", *names) if names else ()))
    rows = (*rows_of(groups, unfolds=False, budget=budget), *ends)
    plain = (*head, *(row.line for row in rows))
    steps = (
        CutStep(2, "the grants of AWS managed policies one by one", plain),
        CutStep(11, "changes of access", head, rows, share=0.2),
        *_compact_steps(groups, trusts, names),
    )
    return Section(within(whole, budget), steps if any(_has_parts(group) for group in groups) else steps[1:])


def group_section(heading: str, groups: Sequence[Group], noun: str, rank: int, budget: int) -> Section:
    """Return a section of groups with facts, verdict and grants; the last step leaves a line for each."""
    if not groups:
        return Section((), ())
    head = (f"### {heading}", "", *TABLE)
    rows = rows_of(groups, unfolds=False, budget=budget)
    return Section(
        within(chain(head, _lines(groups, unfolds=True)), budget),
        (
            CutStep(rank, f"changes of {noun}", head, rows),
            CutStep(
                20,
                f"{noun} in one line",
                (f"### {heading}", ""),
                tuple(SectionRow(_line(group)) for group in groups),
                0.08,
            ),
        ),
    )


def rows_of(groups: Iterable[Group], *, unfolds: bool, budget: int) -> tuple[SectionRow, ...]:
    """Return the rows of groups; the rows with the verdict and the worst grant must stay."""
    rows: list[SectionRow] = []
    room = budget
    for group in groups:
        rows.append(SectionRow(_heading(group), must=True))
        for number, change in enumerate(group.changes):
            # A row that will be cut is counted but not rendered.
            line = _grant(change, unfolds=unfolds) if number == 0 or room > 0 else ""
            room -= len(line)
            rows.append(SectionRow(line, must=number == 0))
    return tuple(rows)


def _lines(groups: Iterable[Group], *, unfolds: bool) -> Iterator[str]:
    for group in groups:
        yield _heading(group)
        for change in group.changes:
            yield _grant(change, unfolds=unfolds)


def _heading(group: Group) -> str:
    holder = group.holder
    name = code(title_of(holder), LONGEST_IN_A_CELL)
    facts = map(_fact, (*policy_facts(holder), *workload_lines(holder)))
    unknown = "" if not isinstance(holder, RoleReview) or holder.is_known else "role not known: "
    key = getattr(holder, "key", "")
    approved = " ✅ approved" if getattr(holder, "approved", False) else ""
    keyed = [f"key {code(key)}{approved}"] if key else []
    cell = "<br>".join([f"{unknown}{bold(name)}{_address(holder)} {holder.verdict}", *facts, *keyed])
    return f"| {VERDICT_SIGNS[holder.verdict]} | {cell} |"


def _address(holder: Holder) -> str:
    return "" if title_of(holder) == holder.address else f" {code(holder.address, LONGEST_IN_A_CELL)}"


def _fact(fact: tuple[str, bool]) -> str:
    text, is_value = fact
    return code(text, LONGEST_IN_A_CELL) if is_value else prose(text, 300)


def _grant(change: AccessChange, *, unfolds: bool) -> str:
    row = change.row
    level = prose(change.level)
    what = " ".join(map(prose, what_of(row))) if row.policy else _values(row.actions)
    parts = (
        "✅ approved" if row.approved else "",
        f"{bold(level)} {'all but ' if row.not_actions else ''}{what}",
        f"on {'all but ' if row.not_resources else ''}{_values(row.resources)}",
        *(f"if {code(text, LONGEST_IN_A_CELL)}" for text in condition_text(row)),
        prose(change.why, 500),
        _unfolded(change) if unfolds and row.parts else "",
    )
    return f"| {with_sign('🔴' if change.broadens else '🟢', change.sign)} | {'<br>'.join(filter(None, parts))} |"


def _unfolded(change: AccessChange) -> str:
    parts = change.row.parts
    summary = f"{counted(len(parts), 'grant')}{'' if change.row.policy else ' more that its policies name'}"
    visible = "<br>".join(prose(row_text(part), 300) for part in parts[:_MOST_PARTS])
    more = f"<br>… and {len(parts) - _MOST_PARTS:,} more" if len(parts) > _MOST_PARTS else ""
    return f"<details><summary>{summary}</summary>{visible}{more}</details>"


def _values(values: Iterable[str]) -> str:
    values = list(values)
    visible = [code(value, LONGEST_IN_A_CELL) for value in values[:_MOST_IN_A_CELL]]
    more = len(values) - _MOST_IN_A_CELL
    return "<br>".join([*visible, *([f"… and {more:,} more"] if more > 0 else [])])


def _compact_steps(
    groups: Sequence[Group], trusts: Sequence[TrustDifference], names: Sequence[str]
) -> tuple[CutStep, ...]:
    by_role = {id(trust.role): trust for trust in trusts}
    lines = [SectionRow(_line(group, by_role.pop(id(group.holder), None))) for group in groups]
    alone = [SectionRow(_line(Group(trust.role, ()), trust)) for trust in by_role.values()]
    head = ("### Roles, with their worst changes", "", *names, *([""] if names else []))
    return (CutStep(18, "roles in one line", head, (*lines, *alone), 0.35),) if lines or alone else ()


def _line(group: Group, trust: TrustDifference | None = None) -> str:
    """Return a role, policy or workload in one line: its verdict, worst change of trust and worst grant."""
    holder = group.holder
    parts = [f"{code(title_of(holder), LONGEST_IN_A_CELL)}{_address(holder)} {holder.verdict}"]
    if trust is not None:
        parts.append(f"trust: {prose(trust.lines[0].text, _LONGEST_IN_A_LINE)}")
    if group.changes:
        worst = group.changes[0]
        more = f" and {len(group.changes) - 1:,} more" if len(group.changes) > 1 else ""
        parts.append(f"{worst.sign} {prose(cut(row_text(worst.row), _LONGEST_IN_A_LINE))}{more}")
    return f"- {VERDICT_SIGNS[holder.verdict]} {' · '.join(parts)}"


def _quiet(quiet: Mapping[Verdict, Sequence[RoleReview]]) -> Iterator[str]:
    for verdict, roles in quiet.items():
        visible = ", ".join(code(title_of(role)) for role in roles[:_MOST_NAMED])
        more = f" and {len(roles) - _MOST_NAMED:,} more" if len(roles) > _MOST_NAMED else ""
        by_trust = ", by trust alone" if verdict not in QUIET and all(role.trust.changed for role in roles) else ""
        yield f"- {VERDICT_SIGNS[verdict]} {verdict}{by_trust}: {visible}{more}"


def _has_parts(group: Group) -> bool:
    return any(change.row.parts for change in group.changes)
