"""Tests drift: changes outside of Terraform without noise, always with trust, and with the outcome of the plan."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrole.review.report import Report
from tests.review.cases import CASES, ECS_TRUST, ROLE, allow, change, plan_of, policy, reviewed

A = "999999999999"
OTHERS = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}, "Action": "sts:AssumeRole"})
OPENED = policy(*ECS_TRUST["Statement"], *OTHERS["Statement"])
SEND = policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:jobs"))
ALL = policy(allow("sqs:*", "arn:aws:sqs:eu-central-1:123456789012:jobs"))
OWN = "aws_iam_role_policy.own"


def role(trust: Any = ECS_TRUST, **more: Any) -> dict[str, Any]:
    text = trust if isinstance(trust, str) else json.dumps(trust)
    return {"name": "web", "arn": "arn:aws:iam::123456789012:role/web", "assume_role_policy": text, **more}


def own(document: Any, **more: Any) -> dict[str, Any]:
    return {"name": "own", "role": "web", "policy": json.dumps(document), **more}


def drifted(address: str, before: Any, after: Any, becomes: Any = None, **more: Any) -> Report:
    """Return the review of a plan after a resource was changed by hand; the plan sets it to `becomes`, or leaves it."""
    sensitive = more.pop("sensitive", {})
    drift = change(address, ["delete"] if after is None else ["update"], before, after, sensitive=sensitive)
    actions = ["no-op"] if becomes is None else ["create"] if after is None else ["update"]
    plan = [change(address, actions, after, becomes or after, **more)] if becomes or after else []
    rest = [] if address == ROLE else [change(ROLE, ["no-op"], role(), role())]
    return reviewed(plan_of(*plan, *rest, resource_drift=[drift]))


def drift_changes(report: Report) -> list[tuple[str, str, bool, str]]:
    return [
        (change.sign, change.text, change.broadens, change.outcome)
        for drift in report.drift
        for change in drift.changes
    ]


@pytest.mark.parametrize("case", [case for case in CASES if case != "drift-rogue-policy"])
def test_values_that_a_refresh_fills_in_after_an_apply_are_not_drift(case) -> None:
    assert reviewed(case).drift == ()


NOISE = [
    (role(tags=None), role(tags={})),
    (role(inline_policy=[]), role(inline_policy=[{"name": "own", "policy": json.dumps(SEND)}])),
    (role(tags_all={"a": "1"}), role(tags_all={"a": "2"})),
    (role(ECS_TRUST), role(json.dumps(ECS_TRUST, indent=4))),
]


@pytest.mark.parametrize(("before", "after"), NOISE)
def test_changes_without_effect_on_permissions_are_not_drift(before, after) -> None:
    given = change(OWN, ["no-op"], own(SEND), own(SEND))
    drift = change(ROLE, ["update"], before, after)
    plan = plan_of(change(ROLE, ["no-op"], after, after), given, resource_drift=[drift])

    assert reviewed(plan).drift == ()


def test_a_changed_attachment_count_is_not_drift() -> None:
    assert drift_changes(drifted("aws_iam_policy.p", {"attachment_count": 0}, {"attachment_count": 1})) == []


@pytest.mark.parametrize(
    ("becomes", "outcome"),
    [(None, "kept"), (role(), "undone"), (role(OPENED), "kept"), (role(OTHERS), "changed")],
)
def test_a_drifted_trust_policy_is_reported_with_the_outcome_of_the_plan(becomes, outcome) -> None:
    # The plan may change another attribute of the role, and leave its trust policy.
    becomes = becomes and {**becomes, "description": "another"}

    assert drift_changes(drifted(ROLE, role(), role(OPENED), becomes)) == [
        ("+", f"account {A} can assume it", True, outcome)
    ]


def test_the_outcome_of_the_plan_may_be_unknown() -> None:
    becomes = {key: value for key, value in role().items() if key != "assume_role_policy"}
    report = drifted(ROLE, role(), role(OPENED), becomes, unknown={"assume_role_policy": True})

    assert [drift_change[3] for drift_change in drift_changes(report)] == ["unknown"]


def test_a_trust_policy_with_only_its_text_changed_is_reported() -> None:
    rewritten = policy({**ECS_TRUST["Statement"][0], "Sid": "Ecs"})
    report = drifted(ROLE, role(), role(rewritten))

    assert drift_changes(report) == [
        ("±", "its trust policy is written differently, to the same effect", False, "kept")
    ]


def test_an_unreadable_trust_policy_is_reported() -> None:
    assert drift_changes(drifted(ROLE, role(), role("{"))) == [("±", "its trust policy cannot be parsed", True, "kept")]


def test_a_policy_attached_by_hand_is_reported_with_its_grants() -> None:
    after = role(
        inline_policy=[{"name": "rogue", "policy": json.dumps(policy(allow("iam:*")))}],
        managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
    )

    assert drift_changes(drifted(ROLE, role(inline_policy=[], managed_policy_arns=[]), after)) == [
        ("+", "policy arn:aws:iam::aws:policy/AdministratorAccess was attached to it", True, "kept"),
        ("+", "policy rogue was attached to it", True, "kept"),
        ("+", "policy rogue: Permissions management `iam:*` on `*`", True, "kept"),
    ]


def test_a_policy_detached_by_hand_is_reported() -> None:
    before = role(inline_policy=[{"name": "a", "policy": json.dumps(SEND)}])

    assert drift_changes(drifted(ROLE, before, role(inline_policy=[]))) == [
        ("-", "policy a was removed from it", False, "kept")
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("b/one", None, [("-", "permissions boundary b/one", True, "kept")]),
        (None, "b/one", [("+", "permissions boundary b/one", False, "kept")]),
        (
            "b/one",
            "b/two",
            [("-", "permissions boundary b/one", True, "kept"), ("+", "permissions boundary b/two", False, "kept")],
        ),
    ],
)
def test_a_changed_boundary_is_reported(before, after, expected) -> None:
    report = drifted(ROLE, role(permissions_boundary=before), role(permissions_boundary=after))

    assert drift_changes(report) == expected


def test_an_edited_policy_is_reported_by_its_grants() -> None:
    assert drift_changes(drifted(OWN, own(SEND), own(ALL), own(SEND))) == [
        ("+", "Permissions management `sqs:*` on `jobs`", True, "undone"),
    ]


@pytest.mark.parametrize(("becomes", "outcome"), [(None, "kept"), (own(SEND), "undone")])
def test_a_deleted_policy_is_reported(becomes, outcome) -> None:
    assert drift_changes(drifted(OWN, own(SEND), None, becomes)) == [("-", "own was deleted", False, outcome)]


def test_other_attributes_are_reported_with_their_short_values() -> None:
    before = role(max_session_duration=3600, tags={"a": "1"})
    after = role(description="by hand", max_session_duration=43200, tags={"a": "2"})

    assert drift_changes(drifted(ROLE, before, after)) == [
        ("±", "description was not set, is 'by hand'", False, "kept"),
        ("±", "max_session_duration was 3600, is 43200", False, "kept"),
        ("±", "tags has changed", False, "kept"),
    ]


def test_the_policies_of_a_role_outside_of_the_plan_are_reported_at_the_resource_that_lists_them() -> None:
    address = "aws_iam_role_policies_exclusive.x"
    before, after = ({"role_name": "elsewhere", "policy_names": names} for names in (["own"], ["own", "rogue"]))

    assert drift_changes(drifted(address, before, after, before)) == [
        ("+", "policy rogue was attached to it", True, "undone")
    ]


@pytest.mark.parametrize(
    ("address", "before", "after", "hidden"),
    [
        (ROLE, role(), role(OPENED), "assume_role_policy"),
        (OWN, own(SEND), own(policy(allow("sqs:*", f"arn:aws:sqs:eu-central-1:{A}:x"))), "policy"),
        (ROLE, role(), role(description=f"of {A}"), "description"),
        (ROLE, role(), role(permissions_boundary=f"arn:aws:iam::{A}:policy/x"), "permissions_boundary"),
        (ROLE, role(), role(inline_policy=[{"name": A, "policy": json.dumps(ALL)}]), "inline_policy"),
        (ROLE, role(), role(managed_policy_arns=[f"arn:aws:iam::{A}:policy/x"]), "managed_policy_arns"),
        ("aws_iam_policy.x", {"name": A, "policy": "{}"}, None, "name"),
    ],
)
def test_a_sensitive_attribute_is_reported_as_changed_without_its_value(address, before, after, hidden) -> None:
    report = drifted(address, before, after, sensitive={hidden: True}, after_sensitive={})

    ((_, text, _, _),) = drift_changes(report)
    assert "(sensitive value)" in text
    assert A not in text
    assert A not in "".join(finding.message for finding in report.findings if finding.code.startswith("TR-DRIFT"))


def test_names_of_other_types_are_ignored() -> None:
    malformed = drifted(
        "aws_iam_role_policies_exclusive.x", {"role_name": [{}]}, {"role_name": [{}], "policy_names": 5}
    )

    assert malformed.drift == ()
    assert drift_changes(drifted(ROLE, role(), {**role(OPENED), "name": {}}))


def test_resources_without_permissions_are_ignored() -> None:
    assert drifted("aws_ecs_task_definition.t", {"tags": {"a": "1"}}, {"tags": {"a": "2"}}).drift == ()
    assert drifted("aws_s3_bucket.b", {"acl": "private"}, {"acl": "public"}).drift == ()


def test_a_role_of_the_same_name_in_another_account_does_not_hide_an_exclusive_resource() -> None:
    # given: roles of the same name in two accounts; the first drifted, the second has another policy
    other = {**role(), "arn": f"arn:aws:iam::{A}:role/web"}
    address = "aws_iam_role_policies_exclusive.x"
    lists = [{"role_name": "web", "policy_names": names} for names in (["own"], ["own", "rogue"])]
    drift = [
        change(ROLE, ["update"], role(), role(description="by hand")),
        change(address, ["update"], *lists),
    ]
    roles = [change(ROLE, ["no-op"], role(), role()), change("aws_iam_role.other", ["no-op"], other, other)]
    # when
    report = reviewed(plan_of(*roles, resource_drift=drift))
    # then
    assert ("+", "policy rogue was attached to it", True, "kept") in drift_changes(report)


DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
DENIED = policy({"Effect": "Deny", "Action": "*", "Resource": "*"})


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        (OWN, own(DENIED), None),
        ("aws_iam_role_policy_attachment.x", {"role": "web", "policy_arn": DENY_ALL}, None),
        (ROLE, role(managed_policy_arns=[DENY_ALL]), role(managed_policy_arns=[])),
        (ROLE, role(inline_policy=[{"name": "a", "policy": json.dumps(DENIED)}]), role(inline_policy=[])),
        (
            "aws_iam_role_policy_attachments_exclusive.x",
            {"role_name": "elsewhere", "policy_arns": [DENY_ALL]},
            {"role_name": "elsewhere", "policy_arns": []},
        ),
    ],
)
def test_a_removed_deny_broadens(address, before, after) -> None:
    assert [(sign, broadens) for sign, _, broadens, _ in drift_changes(drifted(address, before, after))] == [
        ("-", True)
    ]
