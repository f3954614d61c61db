"""The verdicts on roles, and the table of their grants with its filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.output.escape.html import Markup, code, element
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS
from taskrole.review.render.changes import QUIET, AccessChange, access_changes, access_groups, quiet_roles
from taskrole.review.render.html.filters import filters
from taskrole.review.render.html.grants import grants_table, verdict_chip
from taskrole.review.render.html.parts import section
from taskrole.review.render.sections import ACCESS
from taskrole.review.render.view import title_of
from taskrole.review.report import Report


def access_section(report: Report) -> Markup | None:
    """Return the gained and lost grants and the verdict on each role, or None if there are none."""
    changes = access_changes(report)
    verdicts = element("ul", *_verdicts(report), class_="verdicts")
    if not changes:
        has_verdicts = any(role.verdict not in QUIET for role in report.roles if role.is_known)
        return section("access", ACCESS, verdicts) if has_verdicts else None
    bar, no_match = _filters(changes)
    return section("access", ACCESS, verdicts, bar, grants_table(changes, names_roles=True, id="grants"), no_match)


def _verdicts(report: Report) -> Iterator[Markup]:
    for group in access_groups(report):
        yield element("li", code(group.title), " ", verdict_chip(group.holder.verdict))
    for verdict, roles in quiet_roles(report).items():
        for role in roles:
            by_trust = " by trust alone" if verdict not in QUIET and role.trust.changed else ""
            yield element("li", code(title_of(role)), " ", verdict_chip(verdict), by_trust)


def _filters(changes: Sequence[AccessChange]) -> tuple[Markup, Markup]:
    roles = sorted({title_of(change.role) for change in changes})
    present = {change.row.access_level for change in changes}
    ordered = [*(level for level in ACCESS_LEVELS if level in present), *sorted(present - {*ACCESS_LEVELS})]
    choices = {
        "role": ("Role", [(role, role) for role in roles]),
        "sign": ("Change", [("+", "+ gains"), ("-", "- loses")]),
        "level": ("Access level", [(level, level) for level in ordered]),
    }
    return filters("grants", "grants", len(changes), choices)
