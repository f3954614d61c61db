"""Boundaries and denials that somebody took away outside of Terraform, in plans that apply and in refresh-only ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrole.finding import Finding
from tests.review.cases import ECS_TRUST, NOTHING, ROLE, allow, change, inline_change, plan_of, policy, reviewed

A = "123456789012"
GUARD = policy({"Effect": "Deny", "Action": ["iam:*", "s3:DeleteBucket"], "Resource": "*"})
SEND = policy(allow("sqs:SendMessage", f"arn:aws:sqs:eu-central-1:{A}:jobs"))
BOUNDARY = f"arn:aws:iam::{A}:policy/boundary"
GUARD_ARN = f"arn:aws:iam::{A}:policy/guard"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
DENIED = "it denied iam:* on *; s3:DeleteBucket on *"


def role(**more: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{A}:role/web"
    return {"name": "web", "arn": arn, "assume_role_policy": json.dumps(ECS_TRUST), **more}


def inline(document: Any, name: str = "guard") -> dict[str, Any]:
    return {"name": name, "policy": json.dumps(document)}


def guard(document: Any = GUARD) -> dict[str, Any]:
    return {"name": "guard", "arn": GUARD_ARN, "policy": json.dumps(document)}


def state_of(resources: list[dict[str, Any]]) -> dict[str, Any]:
    named = [
        {**{key: one[key] for key in ("address", "mode", "type", "name")}, "values": one["change"]["after"]}
        for one in resources
    ]
    return {"format_version": "1.0", "values": {"root_module": {"resources": named}}}


def refresh_only(*drift: dict[str, Any], beside: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Return a refresh-only plan: nothing but drift, and the state that is recorded."""
    known = [one for one in (*beside, *drift) if one["change"]["after"] is not None]
    return plan_of(resource_drift=list(drift), prior_state=state_of(known))


def found(plan: dict[str, Any]) -> list[Finding]:
    return [one for one in reviewed(plan).findings if one.code.startswith("TR-DRIFT")]


def said(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, one.message) for one in found(plan)]


def role_drift(before: dict[str, Any], after: dict[str, Any] | None, address: str = ROLE, **more: Any) -> Any:
    return change(address, ["delete"] if after is None else ["update"], before, after, **more)


NO_BOUNDARY = "role web lost its permissions boundary {} outside of Terraform; the plan {}"


@pytest.mark.parametrize("gone", ["", None])
def test_a_boundary_removed_by_hand_is_an_error_in_a_refresh_only_plan(gone: str | None) -> None:
    drift = role_drift(role(permissions_boundary=BOUNDARY), role(permissions_boundary=gone))

    report = reviewed(refresh_only(drift))

    assert said(refresh_only(drift)) == [
        ("TR-DRIFT-BOUNDARY", "error", NO_BOUNDARY.format(BOUNDARY, "leaves it as it is"))
    ]
    assert report.blocked
    assert all(one.touched for one in report.findings)


@pytest.mark.parametrize(("becomes", "end"), [(BOUNDARY, "restores it"), ("", "leaves it as it is")])
def test_a_boundary_removed_by_hand_says_what_the_plan_makes_of_it(becomes: str, end: str) -> None:
    gone = role(permissions_boundary="")
    drift = role_drift(role(permissions_boundary=BOUNDARY), gone)
    planned = change(ROLE, ["update"], gone, role(permissions_boundary=becomes, description="another"))

    assert [one.message for one in found(plan_of(planned, resource_drift=[drift]))] == [
        NO_BOUNDARY.format(BOUNDARY, end)
    ]


def test_of_a_sensitive_boundary_nothing_is_said_but_that_it_is_gone() -> None:
    drift = role_drift(
        role(permissions_boundary=BOUNDARY),
        role(permissions_boundary=""),
        sensitive={"permissions_boundary": True},
    )

    (finding,) = found(refresh_only(drift))

    assert finding.code == "TR-DRIFT-BOUNDARY"
    assert BOUNDARY not in finding.message


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [(SEND, policy(allow("*")), {"TR-DRIFT-BOUNDARY"}), (policy(allow("*")), SEND, set()), (SEND, None, None)],
)
def test_another_boundary_is_an_error_unless_it_is_proved_narrower(old: Any, new: Any, codes: Any) -> None:
    arns = [f"arn:aws:iam::{A}:policy/{name}" for name in ("old", "new")]
    drift = role_drift(role(permissions_boundary=arns[0]), role(permissions_boundary=arns[1]))
    beside = tuple(
        change(f"aws_iam_policy.p{number}", ["no-op"], values, values)
        for number, (arn, text) in enumerate(zip(arns, (old, new), strict=True))
        if text
        for values in [{"name": arn[-3:], "arn": arn, "policy": json.dumps(text)}]
    )

    codes = {"TR-DRIFT-BOUNDARY"} if codes is None else codes
    assert {one.code for one in found(refresh_only(drift, beside=beside))} == codes


def test_a_boundary_whose_text_was_widened_is_an_error() -> None:
    values = [{"name": "boundary", "arn": BOUNDARY, "policy": json.dumps(text)} for text in (SEND, policy(allow("*")))]
    used = role_drift(role(permissions_boundary=BOUNDARY), role(permissions_boundary=BOUNDARY))

    plan = refresh_only(change("aws_iam_policy.b", ["update"], *values), beside=(used,))

    assert [code for code, _, _ in said(plan)] == ["TR-DRIFT-BOUNDARY"]


OWN = "aws_iam_role_policy.guard"


@pytest.mark.parametrize("is_refresh_only", [True, False])
def test_a_deny_policy_deleted_by_hand_is_an_error(is_refresh_only: bool) -> None:
    drift = inline_change(GUARD, NOTHING, OWN)
    on_role = role_drift(role(inline_policy=[inline(GUARD)]), role(inline_policy=[]))
    planned = change(ROLE, ["no-op"], role(), role())
    again = plan_of(planned, inline_change(NOTHING, GUARD, OWN), resource_drift=[drift, on_role])

    plan = refresh_only(drift, on_role) if is_refresh_only else again

    end = "the plan leaves it as it is" if is_refresh_only else "the plan restores it"
    assert said(plan) == [("TR-DRIFT-DENY", "error", f"{OWN} was deleted outside of Terraform; {end}; {DENIED}")]
    assert found(plan)[0].actions == ("iam:*", "s3:DeleteBucket")


def test_a_policy_that_denies_nothing_is_a_warning_when_it_is_deleted() -> None:
    assert [(code, severity) for code, severity, _ in said(refresh_only(inline_change(SEND, NOTHING, OWN)))] == [
        ("TR-DRIFT-DOCUMENT", "warning")
    ]


@pytest.mark.parametrize("address", [OWN, "aws_iam_policy.guard"])
def test_a_deny_taken_out_of_a_policy_is_an_error(address: str) -> None:
    both = policy(*SEND["Statement"], *GUARD["Statement"])
    values = [{**guard(text), "role": "web"} for text in (both, SEND)]

    (finding,) = found(refresh_only(change(address, ["update"], *values)))

    assert (finding.code, finding.severity) == ("TR-DRIFT-DENY", "error")
    assert DENIED in finding.message


def test_a_deny_that_became_narrower_says_what_is_no_longer_denied() -> None:
    values = [
        guard(policy({"Effect": "Deny", "Action": actions, "Resource": "*"}))
        for actions in (["iam:*", "s3:DeleteBucket"], ["iam:*"])
    ]

    (finding,) = found(refresh_only(change("aws_iam_policy.guard", ["update"], *values)))

    assert finding.code == "TR-DRIFT-DENY"
    assert finding.actions == ("s3:DeleteBucket",)


def test_a_deny_and_a_grant_edited_at_once_are_both_reported() -> None:
    values = [guard(GUARD), guard(policy(allow("iam:*")))]

    codes = [code for code, _, _ in said(refresh_only(change("aws_iam_policy.guard", ["update"], *values)))]

    assert sorted(codes) == ["TR-DRIFT-DENY", "TR-DRIFT-DOCUMENT"]


def test_a_policy_that_can_no_longer_be_read_denies_nothing_for_sure() -> None:
    values = [guard(), {**guard(), "policy": "{"}]

    codes = [code for code, _, _ in said(refresh_only(change("aws_iam_policy.guard", ["update"], *values)))]

    assert sorted(codes) == ["TR-DRIFT-DENY", "TR-DRIFT-DOCUMENT"]


def attachment(arn: str, **more: Any) -> dict[str, Any]:
    return change("aws_iam_role_policy_attachment.x", ["delete"], {"role": "web", "policy_arn": arn, **more}, None)


KEPT_GUARD = change("aws_iam_policy.guard", ["no-op"], guard(), guard())


@pytest.mark.parametrize(
    ("arn", "beside", "code", "end"),
    [
        (GUARD_ARN, (KEPT_GUARD,), "TR-DRIFT-DENY", DENIED),
        (DENY_ALL, (), "TR-DRIFT-DENY", "it denied * on *"),
        (ADMIN, (), "TR-DRIFT-DOCUMENT", "the plan leaves it as it is"),
        (GUARD_ARN, (), "TR-DRIFT-DOCUMENT", "whether it had Deny statements is not known"),
    ],
    ids=["customer", "AWS", "grants", "unknown"],
)
@pytest.mark.parametrize("kind", ["attachment", "many", "role", "exclusive"])
def test_a_policy_detached_by_hand(arn: str, beside: Any, code: str, end: str, kind: str) -> None:
    roles = {"policy_arn": arn, "name": "x"}
    only = {"role_name": "elsewhere"}
    drift = {
        "attachment": attachment(arn),
        "many": change(
            "aws_iam_policy_attachment.x", ["update"], {**roles, "roles": ["web", "b"]}, {**roles, "roles": ["b"]}
        ),
        "role": role_drift(role(managed_policy_arns=[arn]), role(managed_policy_arns=[])),
        "exclusive": change(
            "aws_iam_role_policy_attachments_exclusive.x",
            ["update"],
            {**only, "policy_arns": [arn]},
            {**only, "policy_arns": []},
        ),
    }[kind]

    messages = said(refresh_only(drift, beside=beside))

    if kind in ("role", "exclusive") and arn == ADMIN:
        assert messages == []
        return
    ((code_found, severity, message),) = messages
    assert (code_found, severity) == (code, "error" if code == "TR-DRIFT-DENY" else "warning")
    assert message.endswith(end)


def test_a_detachment_is_reported_once_where_role_and_attachment_both_say_it() -> None:
    on_role = role_drift(role(managed_policy_arns=[DENY_ALL]), role(managed_policy_arns=[]))

    assert [finding.source for finding in found(refresh_only(attachment(DENY_ALL), on_role))] == [
        "aws_iam_role_policy_attachment.x"
    ]


def test_roles_of_one_name_in_two_accounts_are_not_taken_for_one_another() -> None:
    # given: the attachment of one account's role web, and the other account's role web, both without their Deny
    other = {**role(), "arn": "arn:aws:iam::999999999999:role/web"}
    on_other = role_drift(
        {**other, "managed_policy_arns": [DENY_ALL]}, {**other, "managed_policy_arns": []}, "aws_iam_role.other"
    )
    own = change(ROLE, ["no-op"], role(), role())
    # when / then
    assert {finding.source for finding in found(refresh_only(attachment(DENY_ALL), on_other, beside=(own,)))} == {
        "aws_iam_role_policy_attachment.x",
        "aws_iam_role.other",
    }


@pytest.mark.parametrize("document", [GUARD, SEND])
def test_an_inline_policy_that_no_resource_gives_is_seen_in_the_roles_own_list(document: Any) -> None:
    drift = role_drift(role(inline_policy=[inline(document)]), role(inline_policy=[]))

    messages = said(refresh_only(drift))

    taken = "policy guard was removed from role web outside of Terraform; the plan leaves it as it is"
    assert messages == ([("TR-DRIFT-DENY", "error", f"{taken}; {DENIED}")] if document is GUARD else [])


def test_an_inline_policy_edited_in_the_roles_own_list_is_seen() -> None:
    drift = role_drift(role(inline_policy=[inline(GUARD)]), role(inline_policy=[inline(SEND)]))

    assert [code for code, _, _ in said(refresh_only(drift))] == ["TR-DRIFT-DENY"]


def test_a_role_put_on_an_attachments_list_by_hand_is_an_error() -> None:
    values = [{"name": "x", "policy_arn": ADMIN, "roles": roles} for roles in (["web"], ["b", "web"])]

    assert said(refresh_only(change("aws_iam_policy_attachment.x", ["update"], *values))) == [
        ("TR-DRIFT-POLICY", "error", f"policy {ADMIN} was attached to role b by hand; the plan leaves it as it is")
    ]


@pytest.mark.parametrize("key", ["policy_names", "policy_arns"])
def test_a_policy_put_on_a_role_outside_the_plan_is_an_error(key: str) -> None:
    kind = "policies" if key == "policy_names" else "policy_attachments"
    values = [{"role_name": "elsewhere", key: names} for names in ([], ["rogue"])]

    assert [
        code for code, _, _ in said(refresh_only(change(f"aws_iam_role_{kind}_exclusive.x", ["update"], *values)))
    ] == ["TR-DRIFT-POLICY"]


def test_a_role_that_was_deleted_by_hand_took_its_denials_with_it() -> None:
    gone = role_drift(role(inline_policy=[inline(GUARD)]), None)

    plan = plan_of(resource_drift=[gone, inline_change(GUARD, NOTHING, OWN), attachment(DENY_ALL)])

    assert [code for code, _, _ in said(plan)] == ["TR-DRIFT-DOCUMENT"]


def test_of_a_sensitive_policy_no_denial_is_named() -> None:
    drift = inline_change(GUARD, NOTHING, OWN, sensitive={"policy": True})

    (finding,) = found(refresh_only(drift))

    assert finding.code == "TR-DRIFT-DENY"
    assert "iam:*" not in finding.message + "".join(finding.actions)


@pytest.mark.parametrize(
    ("roles", "code"), [(("web", "admin"), "TR-DRIFT-PROFILE"), (("web", ""), None), (("web", "web"), None)]
)
def test_another_role_in_an_instance_profile_is_an_error(roles: tuple[str, str], code: str | None) -> None:
    values = [{"name": "p", "role": one, "tags": tags} for one, tags in zip(roles, (None, {}), strict=True)]

    found_codes = [one for one, _, _ in said(refresh_only(change("aws_iam_instance_profile.p", ["update"], *values)))]

    assert found_codes == ([code] if code else [])


@pytest.mark.parametrize("odd", [{}, [], 5, [{}], {"a": []}, None], ids=repr)
@pytest.mark.parametrize(
    "address",
    [
        ROLE,
        OWN,
        "aws_iam_policy.x",
        "aws_iam_role_policy_attachment.x",
        "aws_iam_policy_attachment.x",
        "aws_iam_role_policies_exclusive.x",
        "aws_iam_role_policy_attachments_exclusive.x",
        "aws_iam_instance_profile.x",
    ],
)
def test_odd_values_are_no_error_of_the_program(address: str, odd: Any) -> None:
    keys = ("name", "arn", "role", "roles", "role_name", "policy", "policy_arn", "policy_names", "policy_arns")
    lists = ("inline_policy", "managed_policy_arns", "permissions_boundary", "assume_role_policy")
    values = dict.fromkeys((*keys, *lists), odd)
    beside = change("aws_iam_role.other", ["no-op"], role(), role())

    for before, after in (({}, values), (values, {}), (values, None)):
        actions = ["delete"] if after is None else ["update"]
        assert reviewed(plan_of(beside, resource_drift=[change(address, actions, before, after)]))


def test_what_a_refresh_after_an_apply_fills_in_is_nothing_to_report() -> None:
    attached = change("aws_iam_role_policy_attachment.x", ["no-op"], *[{"role": "web", "policy_arn": DENY_ALL}] * 2)
    own = inline_change(GUARD, GUARD, OWN)
    filled = role(inline_policy=[inline(GUARD)], managed_policy_arns=[DENY_ALL], permissions_boundary="")
    empty = role(inline_policy=[], managed_policy_arns=[], permissions_boundary=None)

    assert found(refresh_only(role_drift(empty, filled), beside=(attached, own))) == []
