"""Tests the headline: the worst change in words, then counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taskrole.finding import Finding, Waiver
from taskrole.review.render.headline import headline, worst_change
from taskrole.review.report import AccessRow, Report, RoleReview, SettingsUse, TrustChange
from tests.review.render.reports import (
    ADMIN,
    BROADENING,
    ECS_ONLY,
    EVERYTHING,
    FIRST_APPLY,
    NARROWING,
    NO_BOUNDARY,
    NOTHING,
    OPENED,
    PASS_ROLE,
    TRUST_OPENED,
    UNRESOLVED,
    report,
    role,
    row,
    whole,
)

ALL = row("Permissions management", "*", "*")
WRITE = row("Write", "s3:PutObject", "*")
READ = row("Read", "s3:GetObject", "*")


def texts(tested: Report) -> tuple[str, ...]:
    return tuple(part.text for part in headline(tested))


def trust(*clauses: str) -> TrustChange:
    return TrustChange(changed=True, before=ECS_ONLY, after=OPENED, added=clauses)


def gains(name: str, *rows: AccessRow, **others) -> RoleReview:
    return role("broadens", name, added=rows, **others)


@pytest.mark.parametrize(
    ("tested", "lines"),
    [
        (
            NOTHING,
            (
                "No change to roles",
                "as many effective actions as before",
                "trust unchanged",
                "no findings",
                "0 unresolved",
            ),
        ),
        (
            FIRST_APPLY,
            (
                "payments-exec gains Write `logs:CreateLogStream`, `logs:PutLogEvents` on `/ecs/payments:log-stream:*`",
                "broadens 2 roles",
                "+8 effective actions (3 Write, 5 Read)",
                "trust of 2 roles changed",
                "no findings",
                "0 unresolved",
            ),
        ),
        (
            NARROWING,
            (
                "payments-exec gains Read `secretsmanager:GetSecretValue` on `prod/db`",
                "narrows 1 role",
                "-18 effective actions (3 Permissions management, 11 Write, 2 Tagging, 2 List)",
                "trust unchanged",
                "no findings",
                "0 unresolved",
            ),
        ),
        (
            UNRESOLVED,
            (
                "who can assume payments-exec is not known from the plan",
                "leaves 1 role unresolved",
                "+1 effective action (1 Read)",
                "trust of 1 role changed",
                "no findings",
                "2 unresolved",
            ),
        ),
    ],
    ids=["nothing", "first apply", "narrowing", "unresolved"],
)
def test_the_verdict_is_a_single_line(tested: Report, lines: tuple[str, ...]) -> None:
    assert texts(tested) == lines


def test_every_part_of_a_report_is_counted() -> None:
    assert texts(EVERYTHING) == (
        "shop-web becomes administrator",
        "leaves 2 roles and 1 workload unresolved, broadens 2 roles, 1 policy and 1 workload, narrows 1 role",
        "+17,000 effective actions (17,000 Permissions management), -1,234 effective actions (1,234 Read)",
        "trust of 1 role changed",
        "1 error",
        "2 findings on what this plan leaves alone",
        "2 unresolved",
        "4 changes not reviewed here",
        "1 rule switched off: TR-TRUST-DEPUTY (3 findings)",
        "3 findings waived by platform@example.com (2), shop@example.com (1)",
        "1 change approved by shop@example.com",
    )


def test_gains_and_losses_are_counted_apart() -> None:
    changed = role("broadens", actions_before={"Write": 5, "Read": 1}, actions_after={"Write": 1, "Read": 3})

    assert "+2 effective actions (2 Read), -4 effective actions (4 Write)" in texts(report("broadens", changed))


@pytest.mark.parametrize("everything", [ALL, whole(ADMIN, 17_000, ALL)], ids=["inline", "managed by AWS"])
def test_a_role_that_gains_every_action_becomes_administrator(everything: AccessRow) -> None:
    tested = report(
        "broadens", gains("a", PASS_ROLE, trust=trust("anybody can assume it")), gains("shop-web", everything)
    )

    assert worst_change(tested) == ("shop-web becomes administrator", "access")


def test_several_administrators_are_counted() -> None:
    tested = report("broadens", *(gains(name, ALL) for name in ("a", "b", "c")))

    assert worst_change(tested).text == "a and 2 more become administrators"


@pytest.mark.parametrize(
    "less",
    [
        replace(ALL, conditions=(("Bool", "aws:MultiFactorAuthPresent", ("true",)),)),
        replace(ALL, effect="Deny"),
        NO_BOUNDARY,
        row("Permissions management", "iam:*", "*"),
    ],
    ids=["conditions", "denied", "boundary", "one service"],
)
def test_a_role_that_gains_less_than_every_action_becomes_no_administrator(less: AccessRow) -> None:
    assert "administrator" not in worst_change(report("broadens", gains("a", less))).text


def test_a_role_that_anyone_may_assume_comes_before_grants() -> None:
    tested = report("broadens", gains("a", PASS_ROLE), gains("shop-web", trust=trust("anybody can assume it")))

    assert worst_change(tested) == ("anybody can assume shop-web", "trust")


def test_anyone_under_a_condition_is_not_anyone() -> None:
    clause = "anybody can assume it if aws:PrincipalOrgID StringEquals o-1"

    assert worst_change(report("broadens", gains("a", trust=trust(clause)))).text == clause.replace(" it", " a", 1)
    assert worst_change(TRUST_OPENED).text == "anybody can assume payments-exec by sts:AssumeRole, sts:TagSession"


def test_a_workload_with_more_permissions_comes_before_other_accounts_and_grants() -> None:
    tested = report(
        "broadens", gains("a", PASS_ROLE, trust=trust("account 1 can assume it")), workloads=EVERYTHING.workloads
    )

    assert worst_change(tested) == ("workload cron gains Permissions management `iam:PassRole` on `*`", "workloads")


def test_a_workload_with_an_unknown_role_is_named() -> None:
    tested = report("unresolved", workloads=EVERYTHING.workloads[:1])

    assert worst_change(tested).text == (
        "workload batch comes to run as arn:aws:iam::111122223333:role/elsewhere, which is not known"
    )


def test_the_worst_level_of_grants_is_named() -> None:
    tested = report("broadens", gains("a", READ), gains("b", READ, WRITE), gains("c", PASS_ROLE))

    assert worst_change(tested).text == "c gains Permissions management `iam:PassRole` on `*`"


def test_a_removed_deny_is_named() -> None:
    tested = report("broadens", role("broadens", "a", removed=(replace(WRITE, effect="Deny"),)))

    assert worst_change(tested).text == "a is no longer subject to Deny Write `s3:PutObject` on `*`"


def test_grants_of_unknown_roles_and_of_shared_policies_are_named() -> None:
    unknown = RoleReview("x.y", "", "broadens", NOTHING.roles[0].trust, (WRITE,), is_known=False)

    assert worst_change(report("broadens", unknown)) == (
        "a role that the plan does not name gains Write `s3:PutObject` on `*`",
        "unknown-roles",
    )
    assert worst_change(report("broadens", policies=EVERYTHING.policies)).text == (
        "every principal with policy shared gains Write `s3:PutObject` on `exports/*`"
    )


def test_a_removed_boundary_is_named_as_a_boundary() -> None:
    text = worst_change(report("broadens", gains("a", NO_BOUNDARY))).text

    assert text == "the permissions boundary of a comes to allow Permissions management `*` on `*`"


def test_without_grants_unknown_values_are_named() -> None:
    tested = report("unresolved", role("unresolved"), unresolved=UNRESOLVED.unresolved)

    assert worst_change(tested) == ("aws_iam_role.payments_exec.assume_role_policy is not known", "unresolved")


def test_a_plan_without_gains_has_no_worst_change() -> None:
    assert worst_change(NOTHING).text == ""
    assert texts(report("narrows", role("narrows", removed=(READ,))))[0] == "Narrows 1 role"


def test_a_long_name_is_cut() -> None:
    assert len(worst_change(report("broadens", gains("x" * 1_000, ALL))).text) < 300


def test_waivers_are_counted_by_owner_without_the_settings() -> None:
    finding = Finding("a", "error", "b", "c", fix="d", waived=Waiver("me@example.com", "e", "f"))

    assert "2 findings waived by me@example.com" in texts(report("neutral", findings=(finding, finding)))


def test_many_rules_that_are_off_are_counted_and_some_are_named() -> None:
    tested = report("neutral", settings=SettingsUse(off=tuple((f"TR-{number}", number) for number in range(5))))

    assert texts(tested)[-1] == (
        "5 rules switched off: TR-0 (0 findings), TR-1 (1 finding), TR-2 (2 findings) and 2 more"
    )


def test_findings_on_untouched_resources_are_counted_apart() -> None:
    old = tuple(replace(finding, touched=False) for finding in BROADENING.findings)

    lines = texts(replace(BROADENING, findings=old))

    assert "2 findings on what this plan leaves alone" in lines
    assert not [text for text in lines if "error" in text or "warning" in text]


def test_without_gains_an_error_is_named() -> None:
    lost = Finding("TR-DRIFT-BOUNDARY", "error", "aws_iam_role.a", "role a lost its boundary", fix="put it back")
    waived = replace(lost, message="another", waived=Waiver("me@example.com", "e", "f"))

    assert worst_change(report("no-change", findings=(waived, lost))) == ("role a lost its boundary", "errors")


def test_unresolved_values_of_other_resources_are_counted_as_values() -> None:
    assert texts(report("unresolved", unresolved=UNRESOLVED.unresolved))[1] == "leaves 2 values unresolved"
