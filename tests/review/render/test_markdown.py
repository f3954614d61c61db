"""Tests the limits of comments on GitHub: what is cut, in which order, and the note about it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.finding import Finding
from taskrole.review.render import RENDERERS
from taskrole.review.render.budget import CutStep, Section, SectionRow, fitted
from taskrole.review.render.markdown import COMMENT_BUDGET, SUMMARY_BUDGET, comment_marker
from taskrole.review.report import Drift, DriftChange, NotReviewed, Report, TrustChange, Unresolved
from tests.amount import amount
from tests.review.render.reports import (
    BROADENING,
    ECS_ONLY,
    OPENED,
    OPTIONS,
    QUIET,
    READ_ONLY,
    READ_SECRET,
    REPORTS,
    managed,
    report,
    role,
    row,
    whole,
)

LIMIT = 60_000


def large(findings: int = 0, rows: int = 0, roles: int = 1, notes: int = 0, unresolved: int = 0) -> Report:
    clauses = ("anybody can assume it", "account 999988887777 can assume it")
    opened = TrustChange(changed=True, before=ECS_ONLY, after=OPENED, added=clauses, removed=clauses[:1])
    return report(
        "broadens",
        *(
            role(
                "broadens",
                f"role-{number}",
                trust=opened,
                added=(READ_SECRET,) * (rows // roles),
                actions_after={"Read": 1},
            )
            for number in range(roles)
        ),
        findings=tuple(
            Finding("wildcard-action", "warning", f"aws_iam_role.r{number}", "too much " * 9, fix="less " * 9)
            for number in range(findings)
        ),
        notes=tuple(f"the note of resource {number} says something" for number in range(notes)),
        unresolved=tuple(
            Unresolved(f"aws_iam_role.u{number}", "policy", "known after apply") for number in range(unresolved)
        ),
    )


def cut_in(comment: str) -> str:
    match = re.search(r"✂️ \*\*Cut, since it did not fit:\*\* (.*)\. The whole report: <(.*)>\.", comment)
    assert match, "says what was cut and where the whole report is"
    assert match.group(2) == OPTIONS.report_url
    return match.group(1)


# What makes the comment too long, and what is cut for it: each row cuts one part more than the row before.
ORDER = ["trust policies as JSON", "keys for approvals", "notes", "what each finding says", "findings one by one"]
READ_LINE = "**Read** `secretsmanager:GetSecretValue`"


@pytest.mark.parametrize(
    ("tested", "cut"),
    [
        (large(roles=80, rows=80), ", ".join(ORDER[:1])),
        (large(findings=300, rows=50), ", ".join(ORDER[:2]) + ", what each finding says"),
        (large(findings=300, rows=50, notes=50), ", ".join(ORDER[:4])),
        (large(findings=2_000, rows=50, notes=5), ", ".join(ORDER)),
    ],
)
def test_a_comment_is_cut_in_the_documented_order_and_keeps_the_access_table(tested: Report, cut: str) -> None:
    comment = RENDERERS["comment"](tested, OPTIONS)

    assert len(comment) < LIMIT
    assert cut_in(comment) == cut
    assert comment.count(READ_LINE) == sum(len(role.added) for role in tested.roles)
    assert "### Trust changes" in comment


def test_grants_are_cut_before_unresolved_values_and_counted() -> None:
    comment = RENDERERS["comment"](large(rows=1_000, findings=10, notes=3, unresolved=2), OPTIONS)

    count = comment.count(READ_LINE)
    assert 100 < count < 1_000
    assert cut_in(comment).endswith(
        f"actions by access level of each role, {1_000 - count:,} of 1,001 changes of access"
    )
    assert "**Effective actions of all roles, before → after:** Read 0 → 1" in comment
    assert "### Trust changes" in comment
    assert comment.count("`aws_iam_role.u") == 2
    assert LIMIT - len(comment) < 3_000, "as many rows as fit"


def test_managed_policies_are_cut_before_grants_and_trust_only_and_counted() -> None:
    policies = tuple(managed(f"{'Policy' * 20}{number}", "keeps", 5) for number in range(400))
    tested = report(
        "broadens", role("broadens", added=(READ_SECRET,) * 50, managed=policies, actions_after={"Read": 1})
    )

    comment = RENDERERS["comment"](tested, OPTIONS)

    count = comment.count("| = keeps |")
    assert 100 < count < 400
    assert cut_in(comment) == (
        f"keys for approvals, actions by access level of each role, {400 - count} of 400 managed policies"
    )
    assert comment.count(READ_LINE) == 50


def test_drift_does_not_displace_the_plan() -> None:
    drift = tuple(
        Drift(f"aws_iam_role.r{number}", (DriftChange("±", "x " * 200, broadens=False, outcome="kept"),))
        for number in range(163)
    )
    tested = replace(large(rows=50), drift=drift)

    comment = RENDERERS["comment"](tested, OPTIONS)

    count = comment.count("| ± | `aws_iam_role.r")
    assert 50 < count < 163
    assert cut_in(comment).endswith(f"{163 - count} of 163 changes outside of Terraform")
    assert comment.count(READ_LINE) == 50


def test_gains_are_shown_before_losses() -> None:
    removed = tuple(row("Write", f"s3:Gone{number}", "*") for number in range(1_000))
    comment = RENDERERS["comment"](
        report("broadens", role("narrows", removed=removed), role("broadens", "z", added=(READ_SECRET,))), OPTIONS
    )

    assert comment.index("**`z`** `aws_iam_role.z` broadens") < comment.index("**`payments-exec`** `aws_iam_role.")
    assert READ_LINE in comment


def test_a_role_that_becomes_administrator_is_not_hidden_by_hundreds_of_grants() -> None:
    many = tuple(role("broadens", f"r{number}", added=(READ_SECRET,) * 100) for number in range(10))
    admin = role("broadens", "shop-web", added=(READ_SECRET, row("Permissions management", "*", "*")))

    comment = RENDERERS["comment"](report("broadens", *many, admin), OPTIONS)

    table = comment[comment.index("### Access changes") :].split("\n")
    assert table[4:6] == [
        "| 🔴 | **`shop-web`** `aws_iam_role.shop_web` broadens |",
        "| 🔴\u00a0+ | **Permissions management** `*`<br>on `*`<br>no task in this plan needs it |",
    ]
    assert comment.split("\n")[3] == "🟠 **Not blocked: shop-web becomes administrator**"


def test_the_grants_of_an_aws_managed_policy_are_folded_and_cut_early() -> None:
    policy = whole(READ_ONLY, 1_234, *(row("Read", f"x{number}:Get*", "*") for number in range(30)))
    few, many = (report("broadens", *[role("broadens", f"r{n}", added=(policy,)) for n in range(k)]) for k in (2, 90))

    unfolded, folded = RENDERERS["comment"](few, OPTIONS), RENDERERS["comment"](many, OPTIONS)

    assert unfolded.count("<details><summary>30 grants</summary>Read `x0:Get*` on `*`<br>") == 2
    assert "30 grants" not in folded
    assert folded.count("AWS managed policy ReadOnlyAccess: 1,234 actions<br>on `*`") == 90
    assert "the grants of AWS managed policies one by one" in cut_in(folded)


@pytest.mark.extra
def test_ten_thousand_roles_fit_and_are_counted() -> None:
    tested = large(roles=10_000, rows=10_000, findings=10_000)

    comment, summary = RENDERERS["comment"](tested, OPTIONS), RENDERERS["markdown"](tested, OPTIONS)

    assert len(comment) < LIMIT
    assert len(summary.encode()) <= SUMMARY_BUDGET
    assert "Broadens 10,000 roles" in comment
    count = comment.count("` broadens · trust: anybody can assume it · + Read ")
    assert count > 200
    assert cut_in(comment).endswith(f"changes of trust one by one, {10_000 - count:,} of 10,000 roles in one line")


def test_thousands_of_unresolved_values_are_counted_by_kind() -> None:
    tested = large(rows=50, unresolved=3_000)

    comment = RENDERERS["comment"](tested, OPTIONS)

    count = comment.count("- 🟡 `aws_iam_role.u")
    assert "3,000 values:\n\n- 🟡 `aws_iam_role.policy`: 3,000 values\n" in comment
    assert count > 100
    assert f"{3_000 - count:,} of 3,000 addresses of unresolved values" in cut_in(comment)


def test_thousands_of_changes_that_are_not_reviewed_are_counted_by_type() -> None:
    entries = tuple(
        NotReviewed(f"{type_}.x{number}", type_, ("update",), "resource policies", "it is a resource policy")
        for type_ in ("aws_kms_key_policy", "aws_s3_bucket_policy")
        for number in range(2_000)
    )

    comment = RENDERERS["comment"](replace(large(rows=50), not_reviewed=entries), OPTIONS)

    count = comment.count("_policy.x")
    assert "4,000 changes not reviewed here" in comment
    assert "- 🟡 resource policies: 2,000 changes of `aws_s3_bucket_policy`\n" in comment
    assert count > 50
    assert f"{4_000 - count:,} of 4,000 addresses of what is not reviewed" in cut_in(comment)


def test_very_long_values_are_cut_separately() -> None:
    comment = RENDERERS["comment"](REPORTS["hostile"], OPTIONS)

    assert "(+19,813 characters)" in comment
    assert "Cut, since it did not fit" not in comment


@pytest.mark.parametrize("name", [*REPORTS, *QUIET])
def test_a_comment_begins_with_the_marker_of_its_stack(name: str) -> None:
    comment = RENDERERS["comment"]({**REPORTS, **QUIET}[name], OPTIONS)

    assert comment.startswith(f"{comment_marker('payments')} {{")


def test_markers_of_stacks_do_not_begin_with_each_other() -> None:
    assert comment_marker("a") == "<!-- taskrole:a:v1"
    assert comment_marker("a--> b") == "<!-- taskrole:a%2D%2D%3E%20b:v1"
    assert not comment_marker("a:v1").startswith(comment_marker("a"))


def test_a_step_summary_contains_the_parts_that_a_comment_cuts() -> None:
    tested = large(findings=300, rows=50)

    assert "Cut, since it did not fit" not in RENDERERS["markdown"](tested, OPTIONS)


def test_without_a_report_url_a_comment_names_none() -> None:
    comment = RENDERERS["comment"](large(findings=300, rows=50), replace(OPTIONS, report_url=""))

    assert "what each finding says.\n" in comment


def test_trust_comes_before_access_and_access_before_findings() -> None:
    whole = large(findings=1, rows=1)
    drift = (Drift("a", (DriftChange("±", "b", broadens=False, outcome="kept"),)),)
    kept = replace(
        whole, drift=drift, roles=tuple(replace(role, managed=(managed("A", "keeps", 1),)) for role in whole.roles)
    )

    text = RENDERERS["markdown"](kept, OPTIONS)

    headings = re.findall("^### (.*)$", text, re.MULTILINE)
    assert headings == [
        "Trust changes",
        "Access changes",
        "Managed policies",
        "Effective actions by access level, before → after",
        "Findings",
        "Changed outside of Terraform",
    ]


def test_rules_are_links_only_if_their_page_is_known() -> None:
    linked = RENDERERS["markdown"](BROADENING, OPTIONS)
    bare = RENDERERS["markdown"](BROADENING, replace(OPTIONS, docs_url=""))

    assert "[`wildcard-action`](https://docs.example.com/taskrole/review-rules#wildcard-action)" in linked
    assert "](" not in bare


_lines = st.lists(st.text("aé🔴", min_size=1, max_size=9), min_size=1, max_size=30).map(tuple)


@given(st.lists(_lines, min_size=1, max_size=4), st.integers(200, 600))
@settings(max_examples=amount(200))
def test_parts_are_cut_until_the_document_fits(parts: list[tuple[str, ...]], budget: int) -> None:
    sections = [
        Section(lines, (CutStep(index, f"part {index}", rows=tuple(map(SectionRow, lines))),))
        for index, lines in enumerate(parts)
    ]

    text = fitted("head", sections, "foot", "", budget)

    assert len(text.encode()) <= budget
    assert text.startswith("head\n\n")
    assert text.endswith("\n\nfoot\n")
    whole = "\n\n".join(["head", *map("\n".join, parts), "foot"]) + "\n"
    assert (text == whole) == (len(whole.encode()) <= budget)


def test_required_rows_stay_while_others_are_cut() -> None:
    rows = tuple(
        SectionRow(f"{kind}{number}", must=kind == "must") for number in range(20) for kind in ("must", "other")
    )
    section = Section(tuple(row.line for row in rows), (CutStep(0, "rows", rows=rows),))

    text = fitted("head", [section], "foot", "", 240)

    assert [line for line in text.split("\n") if line.startswith("must")] == [f"must{n}" for n in range(20)]
    assert text.count("other") == 2
    assert "18 of 40 rows." in text


def test_the_budget_of_a_comment_is_under_60000_characters() -> None:
    assert COMMENT_BUDGET < LIMIT
