"""Sections about workloads, separately compared policies, and roles that the plan does not name."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.review.render.changes import Group, policy_groups, unknown_role_groups, workload_groups
from taskrole.review.render.html.grants import grants_table, key_line, verdict_chip
from taskrole.review.render.html.parts import section
from taskrole.review.render.sections import POLICIES, UNKNOWN_ROLES, WORKLOADS_TITLE, policy_facts, workload_lines
from taskrole.review.report import Report


def workloads_section(report: Report) -> Markup | None:
    """Return the workloads that run under another role, or None if there are none."""
    return _section("workloads", WORKLOADS_TITLE, workload_groups(report))


def unknown_roles_section(report: Report) -> Markup | None:
    """Return the gains and losses of roles that the plan does not name, or None if there are none."""
    return _section("unknown-roles", UNKNOWN_ROLES, unknown_role_groups(report))


def policies_section(report: Report) -> Markup | None:
    """Return the customer managed policies that are compared separately, or None if there are none."""
    return _section("policies", POLICIES, policy_groups(report))


def _section(name: str, heading: str, groups: Sequence[Group]) -> Markup | None:
    return section(name, heading, *map(_group, groups)) if groups else None


def _group(group: Group) -> Markup:
    holder = group.holder
    facts = (*policy_facts(holder), *workload_lines(holder))
    key = getattr(holder, "key", "")
    return element(
        "article",
        element("h3", code(group.title), " ", verdict_chip(holder.verdict)),
        element("p", code(holder.address), class_="faint") if holder.address != group.title else "",
        *(element("p", code(text) if is_value else prose(text)) for text, is_value in facts),
        key_line(key, approved=getattr(holder, "approved", False)) if key else "",
        grants_table(group.changes, names_roles=False) if group.changes else "",
        class_={"broadens": "bad", "unresolved": "warn"}.get(holder.verdict, "info"),
    )
