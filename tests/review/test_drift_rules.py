"""Tests boundaries and denials that were removed outside of Terraform, in plans with and without changes."""

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
        {**{key: resource[key] for key in ("address", "mode", "type", "name")}, "values": resource["change"]["after"]}
        for resource in resources
    ]
    return {"format_version": "1.0", "values": {"root_module": {"resources": named}}}


def refresh_only(*drift: dict[str, Any], beside: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Return a refresh-only plan: drift alone, and the recorded state."""
    known = [change for change in (*beside, *drift) if change["change"]["after"] is not None]
    return plan_of(resource_drift=list(drift), prior_state=state_of(known))


def drift_findings(plan: dict[str, Any]) -> list[Finding]:
    return [finding for finding in reviewed(plan).findings if finding.code.startswith("TR-DRIFT")]


def summaries(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.message) for finding in drift_findings(plan)]


def role_drift(before: dict[str, Any], after: dict[str, Any] | None, address: str = ROLE, **more: Any) -> Any:
    return change(address, ["delete"] if after is None else ["update"], before, after, **more)


NO_BOUNDARY = "role web lost its permissions boundary {} outside of Terraform; the plan {}"


@pytest.mark.parametrize("boundary_after", ["", None])
def test_a_boundary_removed_by_hand_is_an_error_in_a_refresh_only_plan(boundary_after: str | None) -> None:
    drift = role_drift(role(permissions_boundary=BOUNDARY), role(permissions_boundary=boundary_after))

    report = reviewed(refresh_only(drift))

    assert summaries(refresh_only(drift)) == [
        ("TR-DRIFT-BOUNDARY", "error", NO_BOUNDARY.format(BOUNDARY, "leaves it as it is"))
    ]
    assert report.blocked
    assert all(finding.touched for finding in report.findings)


@pytest.mark.parametrize(("becomes", "end"), [(BOUNDARY, "restores it"), ("", "leaves it as it is")])
def test_a_boundary_removed_by_hand_is_reported_with_the_outcome_of_the_plan(becomes: str, end: str) -> None:
    without_boundary = role(permissions_boundary="")
    drift = role_drift(role(permissions_boundary=BOUNDARY), without_boundary)
    planned = change(ROLE, ["update"], without_boundary, role(permissions_boundary=becomes, description="another"))

    assert [finding.message for finding in drift_findings(plan_of(planned, resource_drift=[drift]))] == [
        NO_BOUNDARY.format(BOUNDARY, end)
    ]


def test_a_sensitive_boundary_is_reported_as_removed_without_its_value() -> None:
    drift = role_drift(
        role(permissions_boundary=BOUNDARY),
        role(permissions_boundary=""),
        sensitive={"permissions_boundary": True},
    )

    (finding,) = drift_findings(refresh_only(drift))

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
    assert {finding.code for finding in drift_findings(refresh_only(drift, beside=beside))} == codes


def test_a_boundary_whose_text_was_widened_is_an_error() -> None:
    values = [{"name": "boundary", "arn": BOUNDARY, "policy": json.dumps(text)} for text in (SEND, policy(allow("*")))]
    used = role_drift(role(permissions_boundary=BOUNDARY), role(permissions_boundary=BOUNDARY))

    plan = refresh_only(change("aws_iam_policy.b", ["update"], *values), beside=(used,))

    assert [code for code, _, _ in summaries(plan)] == ["TR-DRIFT-BOUNDARY"]


OWN = "aws_iam_role_policy.guard"


@pytest.mark.parametrize("is_refresh_only", [True, False])
def test_a_deny_policy_deleted_by_hand_is_an_error(is_refresh_only: bool) -> None:
    drift = inline_change(GUARD, NOTHING, OWN)
    on_role = role_drift(role(inline_policy=[inline(GUARD)]), role(inline_policy=[]))
    planned = change(ROLE, ["no-op"], role(), role())
    again = plan_of(planned, inline_change(NOTHING, GUARD, OWN), resource_drift=[drift, on_role])

    plan = refresh_only(drift, on_role) if is_refresh_only else again

    end = "the plan leaves it as it is" if is_refresh_only else "the plan restores it"
    assert summaries(plan) == [("TR-DRIFT-DENY", "error", f"{OWN} was deleted outside of Terraform; {end}; {DENIED}")]
    assert drift_findings(plan)[0].actions == ("iam:*", "s3:DeleteBucket")


def test_a_policy_that_denies_nothing_is_a_warning_when_it_is_deleted() -> None:
    assert [(code, severity) for code, severity, _ in summaries(refresh_only(inline_change(SEND, NOTHING, OWN)))] == [
        ("TR-DRIFT-DOCUMENT", "warning")
    ]


@pytest.mark.parametrize("address", [OWN, "aws_iam_policy.guard"])
def test_a_deny_taken_out_of_a_policy_is_an_error(address: str) -> None:
    both = policy(*SEND["Statement"], *GUARD["Statement"])
    values = [{**guard(text), "role": "web"} for text in (both, SEND)]

    (finding,) = drift_findings(refresh_only(change(address, ["update"], *values)))

    assert (finding.code, finding.severity) == ("TR-DRIFT-DENY", "error")
    assert DENIED in finding.message


def test_a_narrowed_deny_is_reported_with_the_actions_no_longer_denied() -> None:
    values = [
        guard(policy({"Effect": "Deny", "Action": actions, "Resource": "*"}))
        for actions in (["iam:*", "s3:DeleteBucket"], ["iam:*"])
    ]

    (finding,) = drift_findings(refresh_only(change("aws_iam_policy.guard", ["update"], *values)))

    assert finding.code == "TR-DRIFT-DENY"
    assert finding.actions == ("s3:DeleteBucket",)


def test_a_deny_and_a_grant_edited_at_once_are_both_reported() -> None:
    values = [guard(GUARD), guard(policy(allow("iam:*")))]

    codes = [code for code, _, _ in summaries(refresh_only(change("aws_iam_policy.guard", ["update"], *values)))]

    assert sorted(codes) == ["TR-DRIFT-DENY", "TR-DRIFT-DOCUMENT"]


def test_a_policy_that_is_no_longer_readable_is_reported_as_a_lost_deny() -> None:
    values = [guard(), {**guard(), "policy": "{"}]

    codes = [code for code, _, _ in summaries(refresh_only(change("aws_iam_policy.guard", ["update"], *values)))]

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
def test_a_deny_policy_detached_by_hand_is_an_error(arn: str, beside: Any, code: str, end: str, kind: str) -> None:
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

    messages = summaries(refresh_only(drift, beside=beside))

    if kind in ("role", "exclusive") and arn == ADMIN:
        assert messages == []
        return
    ((code_found, severity, message),) = messages
    assert (code_found, severity) == (code, "error" if code == "TR-DRIFT-DENY" else "warning")
    assert message.endswith(end)


def test_a_detachment_in_the_role_and_in_the_attachment_is_reported_once() -> None:
    on_role = role_drift(role(managed_policy_arns=[DENY_ALL]), role(managed_policy_arns=[]))

    assert [finding.source for finding in drift_findings(refresh_only(attachment(DENY_ALL), on_role))] == [
        "aws_iam_role_policy_attachment.x"
    ]


def test_roles_of_the_same_name_in_two_accounts_are_kept_apart() -> None:
    # given: the attachment of role web in an account, and role web of another account, both without their Deny
    other = {**role(), "arn": "arn:aws:iam::999999999999:role/web"}
    on_other = role_drift(
        {**other, "managed_policy_arns": [DENY_ALL]}, {**other, "managed_policy_arns": []}, "aws_iam_role.other"
    )
    own = change(ROLE, ["no-op"], role(), role())
    # when / then
    assert {
        finding.source for finding in drift_findings(refresh_only(attachment(DENY_ALL), on_other, beside=(own,)))
    } == {
        "aws_iam_role_policy_attachment.x",
        "aws_iam_role.other",
    }


@pytest.mark.parametrize("document", [GUARD, SEND])
def test_an_inline_policy_without_a_resource_is_read_from_the_list_of_the_role(document: Any) -> None:
    drift = role_drift(role(inline_policy=[inline(document)]), role(inline_policy=[]))

    messages = summaries(refresh_only(drift))

    removal = "policy guard was removed from role web outside of Terraform; the plan leaves it as it is"
    assert messages == ([("TR-DRIFT-DENY", "error", f"{removal}; {DENIED}")] if document is GUARD else [])


def test_an_inline_policy_edited_in_the_list_of_the_role_is_reported() -> None:
    drift = role_drift(role(inline_policy=[inline(GUARD)]), role(inline_policy=[inline(SEND)]))

    assert [code for code, _, _ in summaries(refresh_only(drift))] == ["TR-DRIFT-DENY"]


def test_a_role_added_by_hand_to_the_list_of_an_attachment_is_an_error() -> None:
    values = [{"name": "x", "policy_arn": ADMIN, "roles": roles} for roles in (["web"], ["b", "web"])]

    assert summaries(refresh_only(change("aws_iam_policy_attachment.x", ["update"], *values))) == [
        ("TR-DRIFT-POLICY", "error", f"policy {ADMIN} was attached to role b by hand; the plan leaves it as it is")
    ]


@pytest.mark.parametrize("key", ["policy_names", "policy_arns"])
def test_a_policy_attached_to_a_role_outside_of_the_plan_is_an_error(key: str) -> None:
    kind = "policies" if key == "policy_names" else "policy_attachments"
    values = [{"role_name": "elsewhere", key: names} for names in ([], ["rogue"])]

    assert [
        code for code, _, _ in summaries(refresh_only(change(f"aws_iam_role_{kind}_exclusive.x", ["update"], *values)))
    ] == ["TR-DRIFT-POLICY"]


def test_a_role_deleted_by_hand_loses_its_denials() -> None:
    deleted = role_drift(role(inline_policy=[inline(GUARD)]), None)

    plan = plan_of(resource_drift=[deleted, inline_change(GUARD, NOTHING, OWN), attachment(DENY_ALL)])

    assert [code for code, _, _ in summaries(plan)] == ["TR-DRIFT-DOCUMENT"]


def test_a_sensitive_policy_is_reported_without_its_denials() -> None:
    drift = inline_change(GUARD, NOTHING, OWN, sensitive={"policy": True})

    (finding,) = drift_findings(refresh_only(drift))

    assert finding.code == "TR-DRIFT-DENY"
    assert "iam:*" not in finding.message + "".join(finding.actions)


@pytest.mark.parametrize(
    ("roles", "code"), [(("web", "admin"), "TR-DRIFT-PROFILE"), (("web", ""), None), (("web", "web"), None)]
)
def test_another_role_in_an_instance_profile_is_an_error(roles: tuple[str, str], code: str | None) -> None:
    values = [{"name": "p", "role": role, "tags": tags} for role, tags in zip(roles, (None, {}), strict=True)]

    codes = [code for code, _, _ in summaries(refresh_only(change("aws_iam_instance_profile.p", ["update"], *values)))]

    assert codes == ([code] if code else [])


@pytest.mark.parametrize("value", [{}, [], 5, [{}], {"a": []}, None], ids=repr)
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
def test_values_of_other_types_are_no_internal_error(address: str, value: Any) -> None:
    keys = ("name", "arn", "role", "roles", "role_name", "policy", "policy_arn", "policy_names", "policy_arns")
    lists = ("inline_policy", "managed_policy_arns", "permissions_boundary", "assume_role_policy")
    values = dict.fromkeys((*keys, *lists), value)
    beside = change("aws_iam_role.other", ["no-op"], role(), role())

    for before, after in (({}, values), (values, {}), (values, None)):
        actions = ["delete"] if after is None else ["update"]
        assert reviewed(plan_of(beside, resource_drift=[change(address, actions, before, after)]))


def test_values_that_a_refresh_fills_in_after_an_apply_give_no_finding() -> None:
    attached = change("aws_iam_role_policy_attachment.x", ["no-op"], *[{"role": "web", "policy_arn": DENY_ALL}] * 2)
    own = inline_change(GUARD, GUARD, OWN)
    filled = role(inline_policy=[inline(GUARD)], managed_policy_arns=[DENY_ALL], permissions_boundary="")
    empty = role(inline_policy=[], managed_policy_arns=[], permissions_boundary=None)

    assert drift_findings(refresh_only(role_drift(empty, filled), beside=(attached, own))) == []
