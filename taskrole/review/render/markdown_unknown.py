"""Markdown of unknown values and of changes that are not reviewed: shortened to counts, but never removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from taskrole.output.escape.markdown import code, prose
from taskrole.plan.model import Unresolved
from taskrole.review.render.budget import CutStep, Section, SectionRow, within
from taskrole.review.render.sections import NOT_REVIEWED, UNRESOLVED_TITLE, has_one_reason, not_reviewed_groups
from taskrole.review.render.view import counted, unresolved_name
from taskrole.review.report import Report

_MOST_KINDS = 20
_LONGEST = 200


def unresolved_section(report: Report, budget: int) -> Section:
    """Return the unknown values: with reasons, then without, then as counts with the names that fit."""
    values = report.unresolved
    if not values:
        return Section((), ())
    heading = (f"### {UNRESOLVED_TITLE}: not known, and so not passed", "")
    names = tuple(SectionRow(_bullet(value)) for value in values)
    kinds = Counter((_type(value), value.attribute) for value in values)
    counts = [
        f"- 🟡 {code(f'{type_}.{attribute}', _LONGEST)}: {counted(number, 'value')}"
        for (type_, attribute), number in kinds.most_common(_MOST_KINDS)
    ]
    rest = len(values) - sum(number for _, number in kinds.most_common(_MOST_KINDS))
    return Section(
        within((*heading, *map(_explained, values)), budget),
        (
            CutStep(16, "why values are unresolved", within((*heading, *(row.line for row in names)), budget)),
            CutStep(
                19,
                "addresses of unresolved values",
                (*heading, f"{counted(len(values), 'value')}:", "", *counts, *_more(rest, "value")),
                names,
                0.1,
            ),
        ),
    )


def not_reviewed_section(report: Report, budget: int) -> Section:
    """Return the changes that are not reviewed, by category and type: with addresses and reasons, then counts."""
    groups = not_reviewed_groups(report)
    if not groups:
        return Section((), ())
    number = len(report.not_reviewed)
    heading = (f"### {NOT_REVIEWED}: {counted(number, 'change')} that can affect access", "")
    by_type = [_group(category, type_, len(entries)) for category, type_, entries in groups]
    rest = sum(len(entries) for _, _, entries in groups[_MOST_KINDS:])
    addresses = tuple(SectionRow(f"- {code(entry.address, _LONGEST)}") for _, _, entries in groups for entry in entries)
    return Section(
        within((*heading, *_entries(report)), budget),
        (
            CutStep(
                17,
                "addresses of what is not reviewed",
                (*heading, *by_type[:_MOST_KINDS], *_more(rest, "change"), ""),
                addresses,
                0.1,
            ),
        ),
    )


def _entries(report: Report) -> Iterator[str]:
    for category, type_, entries in not_reviewed_groups(report):
        why = f": {prose(entries[0].why, 300)}" if has_one_reason(entries) else ""
        yield f"{_group(category, type_, len(entries))}{why}"
        for entry in entries:
            own = "" if has_one_reason(entries) else f": {prose(entry.why, 300)}"
            yield f"  - {prose(' '.join(entry.actions), 60)} {code(entry.address)}{own}"


def _group(category: str, type_: str, number: int) -> str:
    return f"- 🟡 {prose(category, 100)}: {counted(number, 'change')} of {code(type_, 100)}"


def _explained(value: Unresolved) -> str:
    key = f"<br>key {code(value.key)}{' ✅ approved' if value.approved else ''}" if value.key else ""
    return f"{_bullet(value)}: {prose(value.because, 500)}{key}"


def _bullet(value: Unresolved) -> str:
    return f"- 🟡 {code(unresolved_name(value), _LONGEST)}"


def _type(value: Unresolved) -> str:
    """Return the type of the resource at an address, or the address itself if it has none."""
    parts = value.address.split("[", 1)[0].split(".")
    return next((part for part in reversed(parts) if part.startswith("aws_")), value.address)


def _more(number: int, noun: str) -> Iterable[str]:
    return (f"- … and {counted(number, noun)} of other kinds",) if number else ()
