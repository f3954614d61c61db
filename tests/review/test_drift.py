"""What was changed outside of Terraform: the noise of a refresh left out, trust never, and what the plan does."""

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
    """Return the review of a plan before which a resource was changed; the plan makes it `becomes`, or leaves it."""
    sensitive = more.pop("sensitive", {})
    drift = change(address, ["delete"] if after is None else ["update"], before, after, sensitive=sensitive)
    actions = ["no-op"] if becomes is None else ["create"] if after is None else ["update"]
    plan = [change(address, actions, after, becomes or after, **more)] if becomes or after else []
    rest = [] if address == ROLE else [change(ROLE, ["no-op"], role(), role())]
    return reviewed(plan_of(*plan, *rest, resource_drift=[drift]))


def told(report: Report) -> list[tuple[str, str, bool, str]]:
    return [(one.sign, one.text, one.broadens, one.outcome) for drift in report.drift for one in drift.changes]


@pytest.mark.parametrize("case", [case for case in CASES if case != "drift-rogue-policy"])
def test_what_a_refresh_fills_in_after_an_apply_is_no_drift(case) -> None:
    assert reviewed(case).drift == ()


NOISE = [
    (role(tags=None), role(tags={})),
    (role(inline_policy=[]), role(inline_policy=[{"name": "own", "policy": json.dumps(SEND)}])),
    (role(tags_all={"a": "1"}), role(tags_all={"a": "2"})),
    (role(ECS_TRUST), role(json.dumps(ECS_TRUST, indent=4))),
]


@pytest.mark.parametrize(("before", "after"), NOISE)
def test_noise_is_left_out(before, after) -> None:
    given = change(OWN, ["no-op"], own(SEND), own(SEND))
    drift = change(ROLE, ["update"], before, after)
    plan = plan_of(change(ROLE, ["no-op"], after, after), given, resource_drift=[drift])

    assert reviewed(plan).drift == ()


def test_the_count_of_attachments_is_noise() -> None:
    assert told(drifted("aws_iam_policy.p", {"attachment_count": 0}, {"attachment_count": 1})) == []


@pytest.mark.parametrize(
    ("becomes", "outcome"),
    [(None, "kept"), (role(), "undone"), (role(OPENED), "kept"), (role(OTHERS), "changed")],
)
def test_a_change_of_trust_is_told_with_what_the_plan_makes_of_it(becomes, outcome) -> None:
    # The plan may do something else to the role, and leave its trust as it was made.
    becomes = becomes and {**becomes, "description": "another"}

    assert told(drifted(ROLE, role(), role(OPENED), becomes)) == [("+", f"account {A} may assume it", True, outcome)]


def test_what_the_plan_makes_of_it_may_not_be_known() -> None:
    becomes = {key: value for key, value in role().items() if key != "assume_role_policy"}
    report = drifted(ROLE, role(), role(OPENED), becomes, unknown={"assume_role_policy": True})

    assert [one[3] for one in told(report)] == ["unknown"]


def test_a_trust_policy_is_told_of_when_only_its_text_changed() -> None:
    rewritten = policy({**ECS_TRUST["Statement"][0], "Sid": "Ecs"})
    report = drifted(ROLE, role(), role(rewritten))

    assert told(report) == [("±", "its trust policy is written differently, to the same effect", False, "kept")]


def test_a_trust_policy_that_cannot_be_read_is_told_of() -> None:
    assert told(drifted(ROLE, role(), role("{"))) == [("±", "its trust policy cannot be parsed", True, "kept")]


def test_a_policy_that_was_put_on_a_role_is_told_with_what_it_allows() -> None:
    after = role(
        inline_policy=[{"name": "rogue", "policy": json.dumps(policy(allow("iam:*")))}],
        managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
    )

    assert told(drifted(ROLE, role(inline_policy=[], managed_policy_arns=[]), after)) == [
        ("+", "policy arn:aws:iam::aws:policy/AdministratorAccess was attached to it", True, "kept"),
        ("+", "policy rogue was attached to it", True, "kept"),
        ("+", "policy rogue: Permissions management `iam:*` on `*`", True, "kept"),
    ]


def test_a_policy_that_was_taken_from_a_role_is_told() -> None:
    before = role(inline_policy=[{"name": "a", "policy": json.dumps(SEND)}])

    assert told(drifted(ROLE, before, role(inline_policy=[]))) == [("-", "policy a was removed from it", False, "kept")]


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
def test_a_boundary_that_was_changed_is_told(before, after, expected) -> None:
    report = drifted(ROLE, role(permissions_boundary=before), role(permissions_boundary=after))

    assert told(report) == expected


def test_an_edited_policy_is_told_by_what_it_allows() -> None:
    assert told(drifted(OWN, own(SEND), own(ALL), own(SEND))) == [
        ("+", "Permissions management `sqs:*` on `jobs`", True, "undone"),
    ]


@pytest.mark.parametrize(("becomes", "outcome"), [(None, "kept"), (own(SEND), "undone")])
def test_a_deleted_policy_is_told(becomes, outcome) -> None:
    assert told(drifted(OWN, own(SEND), None, becomes)) == [("-", "own was deleted", False, outcome)]


def test_other_attributes_are_told_with_their_values_where_these_are_short() -> None:
    before = role(max_session_duration=3600, tags={"a": "1"})
    after = role(description="by hand", max_session_duration=43200, tags={"a": "2"})

    assert told(drifted(ROLE, before, after)) == [
        ("±", "description was not set, is 'by hand'", False, "kept"),
        ("±", "max_session_duration was 3600, is 43200", False, "kept"),
        ("±", "tags has changed", False, "kept"),
    ]


def test_the_policies_of_a_role_that_is_not_in_the_plan_are_told_by_the_resource_that_lists_them() -> None:
    address = "aws_iam_role_policies_exclusive.x"
    before, after = ({"role_name": "elsewhere", "policy_names": names} for names in (["own"], ["own", "rogue"]))

    assert told(drifted(address, before, after, before)) == [("+", "policy rogue was attached to it", True, "undone")]


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
def test_of_what_is_sensitive_nothing_is_told_but_that_it_changed(address, before, after, hidden) -> None:
    report = drifted(address, before, after, sensitive={hidden: True}, after_sensitive={})

    ((_, text, _, _),) = told(report)
    assert "(sensitive value)" in text
    assert A not in text
    assert A not in "".join(one.message for one in report.findings if one.code.startswith("TR-DRIFT"))


def test_odd_names_are_no_names() -> None:
    odd = drifted("aws_iam_role_policies_exclusive.x", {"role_name": [{}]}, {"role_name": [{}], "policy_names": 5})

    assert odd.drift == ()
    assert told(drifted(ROLE, role(), {**role(OPENED), "name": {}}))


def test_what_concerns_no_permissions_is_not_looked_at() -> None:
    assert drifted("aws_ecs_task_definition.t", {"tags": {"a": "1"}}, {"tags": {"a": "2"}}).drift == ()
    assert drifted("aws_s3_bucket.b", {"acl": "private"}, {"acl": "public"}).drift == ()


def test_the_role_of_another_account_does_not_hide_what_an_exclusive_resource_says() -> None:
    # given: roles of one name in two accounts; the one drifted, the other has a policy more
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
    assert ("+", "policy rogue was attached to it", True, "kept") in told(report)


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
def test_a_denial_that_was_taken_away_broadens(address, before, after) -> None:
    assert [(sign, broadens) for sign, _, broadens, _ in told(drifted(address, before, after))] == [("-", True)]
