"""Tests that the comment on any report fits, and names the verdict of each role."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.finding import Finding
from taskrole.review.render import RENDERERS
from taskrole.review.render.changes import changes_of
from taskrole.review.report import NotReviewed, Report, RoleReview, TrustChange, Unresolved
from tests.review.render.reports import ECS_ONLY, OPENED, OPTIONS, UNCHANGED, report, role, row

LIMIT = 60_000

_ACTIONS = ("s3:PutObject", "iam:PassRole", "sqs:ReceiveMessage", "ec2:Describe*", "*", "kms:Decrypt")
_LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")
_VERDICTS = ("broadens", "unresolved", "narrows", "neutral", "no-change")
_OPENED = TrustChange(changed=True, before=ECS_ONLY, after=OPENED, added=("account 999988887777 can assume it",) * 30)

# A grant: its level, action, and the lengths of its resource and reason.
_grants = st.tuples(st.sampled_from(_LEVELS), st.sampled_from(_ACTIONS), st.integers(0, 30))
# A kind of role: its verdict, grants, their number, and whether its trust is opened.
_kinds = st.tuples(st.sampled_from(_VERDICTS), st.lists(_grants, max_size=3), st.integers(1, 20), st.booleans())
_numbers = st.integers(0, 500)


def _role(number: int, kind: tuple[str, list[tuple[str, str, int]], int, bool]) -> RoleReview:
    verdict, grants, repeats, is_opened = kind
    rows = [
        row(level, action, f"arn:aws:s3:::{'exports/' * size}*", "because " * size) for level, action, size in grants
    ]
    added = tuple(rows) * repeats if verdict in ("broadens", "unresolved") else ()
    return role(verdict, f"role-{number}-x", added=added, trust=_OPENED if is_opened else UNCHANGED)


def _report(kinds: list, roles: int, findings: int, unresolved: int, others: int) -> Report:
    return report(
        "broadens",
        *(_role(number, kinds[number % len(kinds)]) for number in range(roles)),
        findings=tuple(Finding("TR-A", "error", f"aws_iam_role.f{n}", "much " * 9, fix="") for n in range(findings)),
        unresolved=tuple(Unresolved(f"aws_iam_policy.u{n}-", "policy", "not known " * 9) for n in range(unresolved)),
        not_reviewed=tuple(
            NotReviewed(f"acme_thing{n % 40}.n{n}-", f"acme_thing{n % 40}", ("update",), "unknown types", "why " * 9)
            for n in range(others)
        ),
    )


@given(st.lists(_kinds, min_size=1, max_size=6), st.integers(1, 90), _numbers, _numbers, _numbers)
@settings(max_examples=8)
def test_a_comment_fits_and_keeps_the_parts_that_are_never_cut(
    kinds: list, roles: int, findings: int, unresolved: int, others: int
) -> None:
    tested = _report(kinds, roles, findings, unresolved, others)

    comment = RENDERERS["comment"](tested, OPTIONS)

    assert len(comment.encode()) < LIMIT
    lines = comment.split("\n")
    for reviewed in tested.roles:
        places = [number for number, line in enumerate(lines) if f"`{reviewed.name}`" in line]
        assert any(reviewed.verdict in lines[number] for number in places), f"the verdict on {reviewed.name}"
        for change in changes_of(reviewed)[:1]:
            # A table has the worst grant in the row below the verdict, a list in the same line.
            near = [line for number in places for line in lines[number : number + 2]]
            named = f"`{change.row.actions[0]}`"
            assert any(change.row.access_level in line and named in line for line in near), f"the worst of {role.name}"
    _assert_all_or_counted(comment, [value.address for value in tested.unresolved], f"{unresolved:,} unresolved")
    addresses = [change.address for change in tested.not_reviewed]
    _assert_all_or_counted(comment, addresses, f"{others:,} changes not reviewed")
    for type_ in {change.type for change in tested.not_reviewed}:
        count = sum(change.type == type_ for change in tested.not_reviewed)
        assert re.search(rf"{count:,} changes? of `{type_}`", comment) or "of other kinds" in comment


def _assert_all_or_counted(comment: str, addresses: list[str], count: str) -> None:
    missing = [address for address in addresses if address not in comment]
    assert not missing or f"{len(missing):,} of {len(addresses):,} addresses" in comment
    assert not addresses or count.replace("1 changes", "1 change") in comment or count in comment
