"""The managed policies that roles gain, lose and keep, by name."""

from __future__ import annotations

from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.review.render.html.parts import cell, section, table
from taskrole.review.render.view import managed_actions, managed_changes, managed_owner, managed_sign, title_of
from taskrole.review.report import ManagedPolicy, Report, RoleReview

_HEADINGS = ("±", "Role", "Managed policy", "Whose", "Allows")


def managed_section(report: Report) -> Markup | None:
    """Return the managed policies of all roles, or None if there are none."""
    changes = managed_changes(report)
    if not changes:
        return None
    rows = (_row(role, policy) for role, policy in changes)
    return section("managed", "Managed policies", table(_HEADINGS, rows, class_="cards"))


def _row(role: RoleReview, policy: ManagedPolicy) -> Markup:
    sign = element("span", managed_sign(policy), element("span", f" {policy.change}", class_="words"), class_="sign")
    cells = (
        sign,
        code(title_of(role)),
        code(policy.name),
        prose(managed_owner(policy)),
        managed_actions(policy),
    )
    return element("tr", *map(cell, _HEADINGS, cells), role="row")
