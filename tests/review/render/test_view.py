"""Tests the parts that all outputs share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taskrole.finding import Finding, Waiver
from taskrole.policy.comparison.trust_changes import PrincipalChange
from taskrole.review.render.changes import AccessChange
from taskrole.review.render.headline import headline
from taskrole.review.render.html.trust import trust_section
from taskrole.review.render.markdown import render_markdown
from taskrole.review.render.terminal import render_terminal
from taskrole.review.render.trust import trust_differences
from taskrole.review.render.view import is_uneventful, levels, quiet_line, unresolved_name
from taskrole.review.report import Accounting, SettingsUse, TrustChange, Unresolved
from tests.review.render.reports import (
    BROADENING,
    DECRYPT,
    ECS_ONLY,
    EVERYTHING,
    NEUTRAL,
    NOTHING,
    OPENED,
    PASS_ROLE,
    UNRESOLVED,
    report,
    role,
)

NOT_NEEDED = "no task in this plan needs it"
FINDING = Finding("a", "note", "b", "c", fix="d")


@pytest.mark.parametrize(
    ("sign", "effect", "broadens", "why"),
    [("+", "Allow", True, NOT_NEEDED), ("+", "Deny", False, ""), ("-", "Allow", False, ""), ("-", "Deny", True, "")],
)
def test_gains_and_losses_have_signs(sign, effect, broadens: bool, why: str) -> None:
    change = AccessChange(sign, NOTHING.roles[0], replace(PASS_ROLE, effect=effect))

    assert (change.broadens, change.why) == (broadens, why)


@pytest.mark.parametrize(
    ("use", "why"),
    [
        ({"used_as": ("execution",)}, NOT_NEEDED),
        (
            {"used_as": ("execution", "task")},
            "no task definition in this plan asks for it; what the application calls is in none",
        ),
        ({"used_as": ("execution",), "needs_unknown": "x"}, "whether a task needs it is not known: x"),
        ({"used_as": (), "needs_unknown": "x"}, "whether a task needs it is not known: x"),
        ({"used_as": ()}, ""),
    ],
)
def test_unneeded_grants_are_marked_only_if_tasks_use_the_role_and_all_is_known(use, why: str) -> None:
    assert AccessChange("+", replace(NOTHING.roles[0], **use), PASS_ROLE).why == why


def test_a_masked_grant_has_no_reason() -> None:
    masked = replace(PASS_ROLE, actions=("(sensitive value)",), resources=("(sensitive value)",))

    assert AccessChange("+", NOTHING.roles[0], masked).why == ""


@pytest.mark.parametrize("tested", [NOTHING, NEUTRAL], ids=["nothing", "neutral"])
def test_a_report_without_changes_is_quiet(tested) -> None:
    assert is_uneventful(tested)


def test_a_quiet_report_classifies_all_changes() -> None:
    counted = replace(NOTHING, accounting=Accounting(explained=2, without_effect=1_000))

    assert quiet_line(counted).endswith(" 1,002 changes: 2 explained, 1,000 without effect on access, 0 not reviewed.")


@pytest.mark.parametrize(
    "change",
    [
        {"blocked": True},
        {"notes": ("a",)},
        {"findings": (FINDING,)},
        {"findings": (replace(FINDING, waived=Waiver("a", "b", "c")),)},
        {"unresolved": (Unresolved("a", "b", "c"),)},
        {"plan": replace(NOTHING.plan, is_errored=True)},
        {"plan": replace(NOTHING.plan, is_complete=False)},
        {"verdict": "narrows"},
        {"roles": (role("no-change", trust=TrustChange(changed=True, before=ECS_ONLY, after=OPENED)),)},
        {"roles": (role("no-change", added=(DECRYPT,)),)},
        {"roles": (replace(NOTHING.roles[0], is_known=False),)},
        {"policies": EVERYTHING.policies},
        {"workloads": EVERYTHING.workloads},
        {"not_reviewed": EVERYTHING.not_reviewed},
        {"settings": SettingsUse(off=(("TR-A", 0),))},
    ],
    ids=" ".join,
)
def test_a_report_with_changes_is_not_quiet(change) -> None:
    assert not is_uneventful(replace(NOTHING, **change))


def test_levels_are_sorted_worst_first_and_unknown_last() -> None:
    changed = role("broadens", actions_before={"Unknown": 1}, actions_after={"Read": 2, "Permissions management": 1})

    assert [(count.level, count.delta) for count in levels([changed])] == [
        ("Permissions management", 1),
        ("Read", 2),
        ("Unknown", -1),
    ]


def test_an_unknown_trust_policy_is_reported_and_broadens() -> None:
    (difference,) = trust_differences(UNRESOLVED)

    assert [(line.sign, line.text, line.broadens) for line in difference.lines] == [
        ("+", "who can assume it is not known from the plan", True)
    ]
    assert all(line.startswith(" ") for line in difference.documents().split("\n")), "what was is not said to go"


def test_a_removed_deny_of_trust_broadens() -> None:
    trust = TrustChange(
        changed=True, before=OPENED, after=ECS_ONLY, added=("x cannot assume it",), removed=("y cannot assume it",)
    )
    (difference,) = trust_differences(report("broadens", role("broadens", trust=trust)))

    assert [(line.sign, line.broadens) for line in difference.lines] == [("+", False), ("-", True)]


def test_the_policies_of_a_deleted_role_are_shown_as_lost() -> None:
    removed = TrustChange(changed=True, before=ECS_ONLY, after=None, removed=("x can assume it",))
    (difference,) = trust_differences(report("narrows", role("narrows", trust=removed)))

    assert all(line.startswith("-") for line in difference.documents().split("\n"))


def test_a_finding_is_identified_by_its_subject_or_else_by_its_message() -> None:
    about = replace(FINDING, actions=("s3:*",), resources=("*",))

    assert about.identity == replace(about, message="other words", severity="error").identity
    assert about.identity != replace(about, actions=("s3:GetObject",)).identity
    action, resource = replace(about, actions=("a",), resources=()), replace(about, actions=(), resources=("a",))
    assert action.identity != resource.identity
    assert FINDING.identity != replace(FINDING, message="other words").identity


def test_counts_of_several_roles_are_summed() -> None:
    assert [(count.level, count.before, count.after) for count in levels(BROADENING.roles)][:2] == [
        ("Permissions management", 0, 4),
        ("Write", 5, 16),
    ]


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("policy", "aws_iam_role.web.policy"),
        ("arn:aws:iam::111122223333:policy/x", "aws_iam_role.web: arn:aws:iam::111122223333:policy/x"),
        ("(sensitive value)", "aws_iam_role.web: (sensitive value)"),
    ],
)
def test_an_unknown_value_is_an_attribute_or_a_policy_by_its_arn(attribute: str, text: str) -> None:
    assert unresolved_name(Unresolved("aws_iam_role.web", attribute, "why")) == text


def test_a_trust_change_is_shown_from_before_to_after() -> None:
    sentence = "x can assume it if a: now without any condition"
    change = PrincipalChange("±", "Allow", "x", broadens=True, sentence=sentence)
    trust = TrustChange(
        changed=True, before=ECS_ONLY, after=OPENED, added=("x can assume it",), changes=(change,), key="0123"
    )
    opened = report("broadens", role("broadens", trust=trust))

    (difference,) = trust_differences(opened)

    assert [(line.sign, line.text, line.broadens) for line in difference.lines] == [("±", sentence, True)]
    for rendered in (render_terminal(opened), render_markdown(opened), str(trust_section(opened))):
        assert "±" in rendered
        assert "now without any condition" in " ".join(rendered.split())


@pytest.mark.parametrize(
    ("roles", "text"),
    [
        (("kept",), "Policies of 1 role are written differently, to the same effect."),
        (("new",), "1 new role without permissions."),
        (("new", "new", "removed"), "2 new roles without permissions. 1 removed role without permissions."),
        (
            ("kept", "new"),
            "Policies of 1 role are written differently, to the same effect. 1 new role without permissions.",
        ),
        ((), "Nothing allows more or less than before."),
    ],
)
def test_only_kept_roles_are_reported_as_written_differently(roles: tuple[str, ...], text: str) -> None:
    neutral = report("neutral", *(role("neutral", lifecycle=lifecycle) for lifecycle in roles))

    assert quiet_line(neutral) == text


def test_the_headline_counts_new_roles_without_permissions_apart() -> None:
    neutral = report("neutral", role("neutral"), role("neutral", lifecycle="new"))

    assert headline(neutral)[0].text == "Rewrites 1 role to the same effect, 1 new role without permissions"
