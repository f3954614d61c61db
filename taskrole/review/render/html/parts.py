"""Building blocks for the sections of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskrole.output.escape.html import Markup, code, element

_MOST_SHOWN_AT_ONCE = 5


def section(name: str, heading: str, *children: str) -> Markup:
    """Return a section of the page, labelled by its heading."""
    return element(
        "section", element("h2", heading, id=f"{name}-heading"), *children, aria_labelledby=f"{name}-heading", id=name
    )


def chip(text: str, kind: str) -> Markup:
    """Return a highlighted word; `kind` is `bad`, `warn`, `good` or `info`."""
    return element("span", text, class_=f"chip {kind}")


def codes(values: Iterable[str]) -> Markup:
    """Return values as a list of code; a long list is folded after its first values."""
    lines: Sequence[Markup] = [element("li", code(value)) for value in values]
    if len(lines) <= _MOST_SHOWN_AT_ONCE + 1:
        return element("ul", *lines, class_="codes")
    visible, more = lines[:_MOST_SHOWN_AT_ONCE], lines[_MOST_SHOWN_AT_ONCE:]
    rest = element("details", element("summary", f"{len(more):,} more"), element("ul", *more, class_="codes"))
    return element("div", element("ul", *visible, class_="codes"), rest)


def table(headings: Sequence[str], rows: Iterable[Markup], **attributes: str | bool) -> Markup:
    """Return a table, with explicit ARIA roles, since its rows are laid out as cards on a phone."""
    heads = (element("th", heading, scope="col", role="columnheader") for heading in headings)
    return element(
        "table",
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        role="table",
        **attributes,
    )


def cell(label: str, *children: str) -> Markup:
    """Return a cell, with the heading of its column as its label on a phone."""
    return element("td", element("div", *children), role="cell", data_label=label)
