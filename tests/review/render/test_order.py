"""Tests the order of reports: the worst role first, and the worst change of each role first."""

from __future__ import annotations

from dataclasses import replace

from taskrole.review.render.changes import access_groups, changes_of, policy_groups, quiet_roles
from tests.review.render.reports import EVERYTHING, NO_BOUNDARY, OPENED, TRUST_OPENED, UNCHANGED, report, role, row

ALL = row("Permissions management", "*", "*")
GRANTS = [row(level, f"x:{level[:4]}", "*") for level in ("List", "Read", "Tagging", "Write", "Permissions management")]


def test_within_a_role_the_worst_change_is_first_and_narrowing_ones_last() -> None:
    denied = replace(row("Write", "x:Denied", "*"), effect="Deny")

    changes = changes_of(role("broadens", added=(*GRANTS, denied, ALL, NO_BOUNDARY), removed=(denied, ALL)))

    assert [(change.sign, change.row.effect, change.row.actions[0]) for change in changes] == [
        ("+", "Allow", "*"),
        ("+", "Allow", "x:Perm"),
        ("+", "Allow", "*"),
        ("+", "Allow", "x:Writ"),
        ("-", "Deny", "x:Denied"),
        ("+", "Allow", "x:Tagg"),
        ("+", "Allow", "x:Read"),
        ("+", "Allow", "x:List"),
        ("-", "Allow", "*"),
        ("+", "Deny", "x:Denied"),
    ]


def test_roles_are_sorted_by_their_worst_grant() -> None:
    roles = (
        role("narrows", "narrower", removed=(ALL,)),
        role("unresolved", "unknown"),
        role("broadens", "reader", added=(GRANTS[1],)),
        role("broadens", "admin", added=(ALL,)),
        role("broadens", "passer", added=(GRANTS[4],)),
        role("no-change", "idle"),
    )

    assert [group.title for group in access_groups(report("broadens", *roles))] == [
        "admin",
        "passer",
        "reader",
        "unknown",
        "narrower",
    ]


def test_roles_without_grants_are_kept_with_their_verdicts() -> None:
    opened = replace(UNCHANGED, changed=True, after=OPENED)
    tested = report("broadens", role("no-change", "idle"), role("broadens", "opened", trust=opened))

    assert {verdict: [role.name for role in roles] for verdict, roles in quiet_roles(tested).items()} == {
        "no-change": ["idle"],
        "broadens": ["opened"],
    }
    assert quiet_roles(TRUST_OPENED).keys() == {"broadens"}


def test_policies_that_count_are_first() -> None:
    tested = replace(EVERYTHING, policies=EVERYTHING.policies[::-1])

    assert [group.title for group in policy_groups(tested)] == ["shared", "own"]
