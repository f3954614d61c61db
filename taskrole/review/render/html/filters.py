"""The filters of a table: choices by column, and a search in its text; the page's script implements them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskrole.output.escape.html import Markup, element, join

# Name of the rows' data attribute: the label, and values with their texts.
Choices = Mapping[str, tuple[str, Sequence[tuple[str, str]]]]


def filters(table: str, unit: str, number: int, choices: Choices) -> tuple[Markup, Markup]:
    """Return the filters of a table with this id, and the line that is displayed if no row matches.

    `unit` is the plural noun for the rows. Without the script, the filters are hidden.
    """
    controls = (
        *(_select(name, label, values) for name, (label, values) in choices.items()),
        element(
            "label", "Text", element("input", type="search", data_filter="text", autocomplete="off", spellcheck="false")
        ),
        element("button", "Show all", type="button", data_reset=True),
    )
    count = element("output", f"{number:,} of {number:,} {unit}", data_shown=True, aria_live="polite")
    bar = element(
        "div",
        *controls,
        count,
        class_="filters",
        role="search",
        aria_label=f"Filter {unit}",
        data_table=table,
        data_unit=unit,
        hidden=True,
    )
    return bar, element("p", f"No {unit.removesuffix('s')} matches the filters.", id="no-match", hidden=True)


def _select(name: str, label: str, choices: Sequence[tuple[str, str]]) -> Markup:
    options = join(element("option", text, value=value) for value, text in (("", "all"), *choices))
    return element("label", label, element("select", options, data_filter=name))
