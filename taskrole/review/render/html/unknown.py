"""Unknown values, and changes that are not reviewed."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.plan.accounting import NotReviewed
from taskrole.plan.model import Unresolved
from taskrole.review.render.html.grants import key_line
from taskrole.review.render.html.parts import section
from taskrole.review.render.sections import NOT_REVIEWED, UNRESOLVED_TITLE, has_one_reason, not_reviewed_groups
from taskrole.review.render.view import counted, unresolved_name
from taskrole.review.report import Report

_MOST_SHOWN_AT_ONCE = 20


def unresolved_section(report: Report) -> Markup | None:
    """Return the unknown values with their reasons, or None if there are none."""
    if not report.unresolved:
        return None
    intro = element("p", "Not known, and so not passed.")
    return section("unresolved", UNRESOLVED_TITLE, intro, element("ul", *map(_value, report.unresolved), class_="open"))


def not_reviewed_section(report: Report) -> Markup | None:
    """Return the changes that are not reviewed, by category and type, or None if there are none."""
    groups = not_reviewed_groups(report)
    if not groups:
        return None
    number = counted(len(report.not_reviewed), "change")
    intro = element("p", f"{number} that can affect access and are not reviewed.")
    return section("not-reviewed", NOT_REVIEWED, intro, *(_group(*group) for group in groups))


def _value(value: Unresolved) -> Markup:
    key = key_line(value.key, approved=value.approved) if value.key else ""
    return element("li", code(unresolved_name(value)), " ", prose(value.because), key)


def _group(category: str, type_: str, entries: Sequence[NotReviewed]) -> Markup:
    is_one = has_one_reason(entries)
    lines = [
        element("li", f"{'/'.join(entry.actions)} ", code(entry.address), *(() if is_one else (": ", prose(entry.why))))
        for entry in entries
    ]
    visible, more = lines[:_MOST_SHOWN_AT_ONCE], lines[_MOST_SHOWN_AT_ONCE:]
    return element(
        "article",
        element("h3", f"{category}: ", code(type_), f" ({len(entries):,})"),
        element("p", prose(entries[0].why)) if is_one else "",
        element("ul", *visible),
        element("details", element("summary", f"{len(more):,} more"), element("ul", *more)) if more else "",
        class_="warn",
    )
