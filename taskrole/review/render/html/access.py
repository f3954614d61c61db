"""The permission table, with what filters it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS
from taskrole.review.render.escape.html import Markup, code, element, join, prose
from taskrole.review.render.html.parts import cell, chip, codes, section, table
from taskrole.review.render.view import AccessChange, access_changes, condition_text, role_title, what_of
from taskrole.review.report import Report

_HEADINGS = ("±", "Role", "Access level", "Action", "Resource", "Condition", "Why")


def access_section(report: Report) -> Markup | None:
    """Return the grants that come and go, or None where none does."""
    changes = access_changes(report)
    if not changes:
        return None
    return section(
        "access",
        "Access changes",
        _filters(changes),
        table(_HEADINGS, map(_row, changes), id="grants", class_="cards"),
        element("p", "No grant matches the filters.", id="no-match", hidden=True),
    )


def _row(change: AccessChange) -> Markup:
    row = change.row
    kind = "broadens" if change.broadens else "narrows"
    sign = element("span", change.sign, element("span", f" {_words(change)}", class_="words"), class_=f"sign {kind}")
    approved = (chip("approved", "good"), " ") if row.approved else ()
    key = element("p", "key ", element("code", row.key), class_="key") if change.broadens else ""
    return element(
        "tr",
        cell(_HEADINGS[0], sign),
        cell(_HEADINGS[1], code(role_title(change.role))),
        cell(_HEADINGS[2], *_marks(change), row.access_level),
        cell(_HEADINGS[3], "all but " if row.not_actions else "", codes(what_of(row))),
        cell(_HEADINGS[4], "all but " if row.not_resources else "", codes(row.resources)),
        cell(_HEADINGS[5], codes(condition_text(row)) if row.conditions else element("span", "none", class_="faint")),
        cell(_HEADINGS[6], *approved, prose(change.why), key),
        role="row",
        class_=kind,
        data_role=role_title(change.role),
        data_sign=change.sign,
        data_level=row.access_level,
    )


def _marks(change: AccessChange) -> Iterator[str]:
    for is_so, text in ((change.row.origin == "boundary", "Boundary"), (change.row.effect == "Deny", "Deny")):
        if is_so:
            yield from (chip(text, "warn"), " ")


def _words(change: AccessChange) -> str:
    return "gains" if change.sign == "+" else "loses"


def _filters(changes: Sequence[AccessChange]) -> Markup:
    roles = sorted({role_title(change.role) for change in changes})
    found = {change.row.access_level for change in changes}
    ordered = [*(level for level in ACCESS_LEVELS if level in found), *sorted(found - {*ACCESS_LEVELS})]
    controls = (
        _select("role", "Role", [(role, role) for role in roles]),
        _select("sign", "Change", [("+", "+ gains"), ("-", "- loses")]),
        _select("level", "Access level", [(level, level) for level in ordered]),
        element(
            "label", "Text", element("input", type="search", data_filter="text", autocomplete="off", spellcheck="false")
        ),
        element("button", "Show all", type="button", data_reset=True),
    )
    shown = element("output", f"{len(changes):,} of {len(changes):,} grants", data_shown=True, aria_live="polite")
    # Without the script there is nothing to filter with, and so nothing to see.
    return element("div", *controls, shown, class_="filters", role="search", aria_label="Filter grants", hidden=True)


def _select(name: str, label: str, choices: Sequence[tuple[str, str]]) -> Markup:
    options = join(element("option", text, value=value) for value, text in (("", "all"), *choices))
    return element("label", label, element("select", options, data_filter=name))
