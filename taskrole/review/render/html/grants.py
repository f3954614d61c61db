"""Grants as table rows: action, resource, condition and reason are stacked to save width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.policy.comparison.compare import Verdict
from taskrole.review.render.changes import AccessChange, row_text, what_of
from taskrole.review.render.html.parts import cell, chip, codes, table
from taskrole.review.render.view import condition_text, counted, title_of

_HEADINGS = ("±", "Role", "Grant")
_CHIPS: Mapping[Verdict, str] = {
    "broadens": "bad",
    "unresolved": "warn",
    "narrows": "good",
    "neutral": "info",
    "no-change": "info",
}


def grants_table(changes: Iterable[AccessChange], *, names_roles: bool, **attributes: str | bool) -> Markup:
    """Return a table of grants, in the order given; `names_roles` is whether it has a column of roles."""
    headings = _HEADINGS if names_roles else (_HEADINGS[0], _HEADINGS[2])
    rows = (_row(change, names_roles=names_roles) for change in changes)
    return table(headings, rows, class_="grants cards", **attributes)


def verdict_chip(verdict: Verdict) -> Markup:
    """Return a verdict as a chip."""
    return chip(verdict, _CHIPS[verdict])


def key_line(key: str, *, approved: bool = False) -> Markup:
    """Return the key by which a change is approved."""
    return element("p", "key ", code(key), *((" ", chip("approved", "good")) if approved else ()), class_="key")


def _row(change: AccessChange, *, names_roles: bool) -> Markup:
    row = change.row
    kind = "broadens" if change.broadens else "narrows"
    words = "gains" if change.sign == "+" else "loses"
    sign = element("span", change.sign, element("span", f" {words}", class_="words"), class_=f"sign {kind}")
    return element(
        "tr",
        cell(_HEADINGS[0], sign),
        cell(_HEADINGS[1], code(title_of(change.role))) if names_roles else "",
        cell(_HEADINGS[2], *_grant(change)),
        role="row",
        class_=kind,
        data_role=title_of(change.role),
        data_sign=change.sign,
        data_level=row.access_level,
    )


def _grant(change: AccessChange) -> Iterator[Markup]:
    row = change.row
    yield element("p", *_marks(change), element("strong", row.access_level))
    if row.policy:
        yield element("p", *map(prose, what_of(row)))
    else:
        yield _labelled("all but" if row.not_actions else "", row.actions)
    yield _labelled("on all but" if row.not_resources else "on", row.resources)
    if row.conditions:
        yield _labelled("if", condition_text(row))
    if change.why:
        yield element("p", prose(change.why), class_="why")
    if row.parts:
        summary = f"{counted(len(row.parts), 'grant')}{'' if row.policy else ' more that its policies name'}"
        parts = (element("li", prose(row_text(part))) for part in row.parts)
        yield element("details", element("summary", summary), element("ul", *parts, class_="parts"))
    if change.key:
        yield key_line(change.key, approved=row.approved)


def _labelled(label: str, values: Iterable[str]) -> Markup:
    labels = (element("span", label, class_="label"),) if label else ()
    return element("div", *labels, codes(values), class_="labelled")


def _marks(change: AccessChange) -> Iterator[str]:
    marks = (
        (change.row.origin == "boundary", "Boundary"),
        (change.row.effect == "Deny", "Deny"),
        (change.row.forbidden, "Forbidden by the permissions boundary"),
    )
    for is_so, text in marks:
        if is_so:
            yield from (chip(text, "warn"), " ")
