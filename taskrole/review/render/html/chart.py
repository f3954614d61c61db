"""Actions by access level before and after: a chart, and a table with the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.output.escape.html import Markup, code, element
from taskrole.output.escape.plain import cut
from taskrole.review.render.html.parts import cell, section, table
from taskrole.review.render.view import LevelCount, levels, signed, title_of
from taskrole.review.report import Report

# In CSS pixels; widths are in percent, so that letters keep their size on a phone.
_GROUP, _BAR, _TEXT = 58, 13, 15
# Keeps small numbers visible.
_LEAST_WIDTH = 0.5


def levels_section(report: Report) -> Markup | None:
    """Return the effective actions of roles by access level, before and after; None if they have none."""
    counts = levels(report.roles)
    if not counts:
        return None
    legend = element(
        "p",
        element("span", "", class_="swatch before", aria_hidden="true"),
        " before ",
        element("span", "", class_="swatch after", aria_hidden="true"),
        " after",
        class_="legend",
    )
    return section("levels", "Effective actions by access level", legend, _chart(counts), _by_role(report, counts))


def _chart(counts: Sequence[LevelCount]) -> Markup:
    most = max(max(count.before, count.after) for count in counts)
    described = "; ".join(f"{count.level}: {count.before:,} before, {count.after:,} after" for count in counts)
    groups = (_group(count, index * _GROUP, most) for index, count in enumerate(counts))
    return element(
        "svg",
        element("title", "Effective actions by access level, before and after", id="chart-title"),
        element("desc", described, id="chart-text"),
        *groups,
        role="img",
        aria_labelledby="chart-title",
        aria_describedby="chart-text",
        class_="chart",
        width="100%",
        height=str(len(counts) * _GROUP),
    )


def _group(count: LevelCount, top: int, most: int) -> Markup:
    change = f" ({signed(count.delta)})" if count.delta else ""
    label = f"{cut(count.level, 40)}: {count.before:,} → {count.after:,}{change}"
    bars = (
        element(
            "rect",
            x="0",
            y=str(top + _TEXT + 6 + index * (_BAR + 1)),
            width=f"{_width(number, most):g}%",
            height=str(_BAR),
            class_=kind,
        )
        for index, (kind, number) in enumerate((("before", count.before), ("after", count.after)))
    )
    return element("g", element("text", label, x="0", y=str(top + _TEXT)), *bars)


def _width(number: int, most: int) -> float:
    return max(_LEAST_WIDTH, round(100 * number / most, 2)) if number else 0


def _by_role(report: Report, counts: Sequence[LevelCount]) -> Markup:
    headings = ("Role", *(count.level for count in counts))
    rows = (
        element(
            "tr",
            cell("Role", code(title_of(role))),
            *(cell(level, text) for level, text in _cells(levels([role]), counts)),
            role="row",
        )
        for role in report.roles
    )
    return element("details", element("summary", "By role"), table(headings, rows, class_="cards numbers"))


def _cells(own: Sequence[LevelCount], columns: Sequence[LevelCount]) -> Iterator[tuple[str, str]]:
    by_level = {count.level: count for count in own}
    for column in columns:
        count = by_level.get(column.level, LevelCount(column.level, 0, 0))
        yield column.level, f"{count.before:,} → {count.after:,}" if count.delta else f"{count.after:,}"
