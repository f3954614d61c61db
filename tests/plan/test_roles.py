"""Tests the policies of roles before and after a plan, by every way in which they are attached."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from taskrole.review.review import ReviewOptions
from tests.review.cases import (
    ECS_TRUST,
    NOTHING,
    PLANS,
    TODAY,
    allow,
    change,
    codes,
    inline_change,
    plan_data,
    plan_of,
    policy,
    reviewed,
    role_change,
)

OWN = policy(allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:jobs"))
ARN = "arn:aws:iam::123456789012:policy/jobs"
PULL = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"


def customer_policy(before: Any, after: Any) -> dict[str, Any]:
    old, new = (
        None if document is NOTHING else {"name": "jobs", "arn": ARN, "policy": json.dumps(document)}
        for document in (before, after)
    )
    actions = ["create"] if old is None else ["delete"] if new is None else ["no-op"] if old == new else ["update"]
    return change("aws_iam_policy.jobs", actions, old, new)


def attachment(actions: list[str], arn: str = ARN, kind: str = "aws_iam_role_policy_attachment", **values: Any) -> Any:
    attachment = {"policy_arn": arn, **(values or {"role": "web"})}
    return change(
        f"{kind}.x", actions, None if "create" in actions else attachment, None if "delete" in actions else attachment
    )


def only(report: Any) -> Any:
    (role,) = report.roles
    return role


def gained(report: Any) -> list[tuple[str, ...]]:
    return [row.actions for row in only(report).added]


def lost(report: Any) -> list[tuple[str, ...]]:
    return [row.actions for row in only(report).removed]


SEND = [("sqs:SendMessage",)]


@pytest.mark.parametrize(
    "attached",
    [
        attachment(["create"]),
        attachment(["create"], kind="aws_iam_policy_attachment", roles=["web", "other"]),
        change(
            "aws_iam_role_policy_attachments_exclusive.x", ["create"], None, {"role_name": "web", "policy_arns": [ARN]}
        ),
    ],
)
def test_a_customer_policy_reaches_a_role_by_each_kind_of_attachment(attached) -> None:
    report = reviewed(plan_of(role_change(), customer_policy(NOTHING, OWN), attached))
    assert [row.actions for role in report.roles if role.name == "web" for row in role.added] == SEND


def test_a_change_of_an_attached_policy_changes_the_role() -> None:
    plan = plan_of(role_change(), customer_policy(OWN, policy(allow("sqs:*"))), attachment(["no-op"]))
    assert gained(reviewed(plan)) == [("sqs:*",)]


def test_a_policy_that_another_resource_attaches_is_followed() -> None:
    # The refresh reads it on the role; the plan has the policy, but not the attachment.
    plan = plan_of(role_change(managed_policy_arns=[ARN]), customer_policy(OWN, policy(allow("sqs:*"))))
    assert gained(reviewed(plan)) == [("sqs:*",)]


def test_an_unattached_policy_grants_nothing() -> None:
    assert reviewed(plan_of(role_change(), customer_policy(NOTHING, OWN))).roles == ()


def test_a_detached_policy_is_lost() -> None:
    assert lost(reviewed(plan_of(role_change(), customer_policy(OWN, OWN), attachment(["delete"])))) == SEND


def test_a_role_left_out_of_an_attachment_of_several_loses_the_policy() -> None:
    several = change(
        "aws_iam_policy_attachment.x",
        ["update"],
        {"policy_arn": ARN, "roles": ["web", "b"]},
        {"policy_arn": ARN, "roles": ["b"]},
    )
    report = reviewed(plan_of(role_change(), customer_policy(OWN, OWN), several))
    assert {role.name: [row.actions for row in role.removed] for role in report.roles} == {"web": SEND, "b": []}


def test_an_aws_managed_policy_is_read_from_the_snapshot() -> None:
    report = reviewed(plan_of(role_change(), attachment(["create"], PULL)))
    assert only(report).actions_after == {"Write": 1, "Read": 3}


@pytest.mark.parametrize("arn", [ARN, "arn:aws:iam::aws:policy/NoSuchPolicy"])
def test_a_fully_unknown_policy_is_unresolved(arn) -> None:
    report = reviewed(plan_of(role_change(), attachment(["create"], arn)))
    assert report.verdict == "unresolved"
    assert [value.attribute for value in report.unresolved] == [arn]


def test_a_policy_that_is_unknown_before_and_after_does_not_change_the_verdict() -> None:
    report = reviewed(plan_of(role_change(), attachment(["no-op"]), inline_change(policy(allow("sqs:*")), OWN)))
    assert report.verdict == "narrows"
    # It is reported nevertheless.
    assert [value.attribute for value in report.unresolved] == [ARN]


def test_a_role_outside_of_the_plan_is_shown_by_its_name() -> None:
    report = reviewed(plan_of(inline_change(NOTHING, OWN)))
    assert (only(report).address, only(report).verdict) == ("web", "broadens")
    assert report.notes == (
        "role web is not in this plan: only the policies that the plan attaches to it are reviewed",
    )


def test_exclusive_inline_policies_remove_all_others() -> None:
    role = role_change(inline_policy=[{"name": "rogue", "policy": json.dumps(policy(allow("iam:*")))}])
    exclusive = change(
        "aws_iam_role_policies_exclusive.x",
        ["update"],
        {"role_name": "web", "policy_names": ["own", "rogue"]},
        {"role_name": "web", "policy_names": ["own"]},
    )
    assert lost(reviewed(plan_of(role, inline_change(OWN, OWN), exclusive))) == [("iam:*",)]
    assert reviewed(plan_of(role, inline_change(OWN, OWN))).verdict == "no-change"


def test_the_boundary_counts() -> None:
    def bounded(before: str | None, after: str | None) -> dict[str, Any]:
        role = role_change()
        role["change"]["actions"] = ["update"]
        role["change"]["before"] |= {"permissions_boundary": before}
        role["change"]["after"] |= {"permissions_boundary": after}
        return plan_of(role, inline_change(OWN, OWN))

    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert reviewed(bounded(None, read_only)).verdict == "narrows"
    removed = reviewed(bounded(read_only, None))
    assert removed.verdict == "broadens"
    assert "TR-BOUNDARY-REMOVED" in codes(removed)
    assert only(removed).actions_before == {}
    assert only(removed).actions_after == {"Write": 1}
    assert reviewed(bounded(read_only, ARN)).verdict == "unresolved"
    # An unknown boundary that is kept limits the same permissions.
    kept = bounded(ARN, ARN)
    kept["resource_changes"][1] = inline_change(policy(allow("sqs:*")), OWN)
    assert reviewed(kept).verdict == "narrows"


def test_a_role_that_is_destroyed_loses_everything() -> None:
    report = reviewed(plan_of(role_change(ECS_TRUST, NOTHING, ["delete"]), inline_change(OWN, NOTHING)))
    assert (report.verdict, lost(report)) == ("narrows", SEND)
    assert only(report).trust.removed


def test_a_role_that_is_forgotten_keeps_everything() -> None:
    report = reviewed(plan_of(role_change(ECS_TRUST, NOTHING, ["forget"]), inline_change(OWN, OWN)))
    assert report.verdict == "no-change"
    assert "TR-FORGOTTEN" in codes(report)


@pytest.mark.parametrize("actions", [["delete", "create"], ["create", "delete"]])
def test_a_replaced_role_loses_policies_that_the_plan_does_not_create_again(actions) -> None:
    replaced = role_change(actions=actions)
    stripped = reviewed(plan_of(replaced, inline_change(OWN, OWN)))
    assert (stripped.verdict, lost(stripped)) == ("narrows", SEND)
    assert "TR-ROLE-STRIPPED" in codes(stripped)
    made_anew = inline_change(OWN, OWN)
    made_anew["change"]["actions"] = actions
    whole = reviewed(plan_of(replaced, made_anew))
    assert whole.verdict == "no-change"
    assert "TR-ROLE-STRIPPED" not in codes(whole)


def written(reference: str) -> dict[str, Any]:
    """Return an expression of the JSON syntax that is a single reference."""
    return {"constant_value": f"${{{reference}}}", "references": [reference, reference.rpartition(".")[0]]}


def module_plan(role_name: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a plan that attaches a new policy, known by reference only, to a role of another module."""
    role = role_change(NOTHING, ECS_TRUST, ["create"])
    role |= {"address": "module.roles.aws_iam_role.web", "module_address": "module.roles"}
    own = customer_policy(NOTHING, OWN)
    del own["change"]["after"]["arn"]
    attached = attachment(["create"])
    attached["change"] |= {"after": {}, "after_unknown": {"role": True, "policy_arn": True}}
    plan = plan_of(role, own, attached)
    plan["configuration"]["root_module"] = {
        "resources": [
            {
                "mode": "managed",
                "type": "aws_iam_role_policy_attachment",
                "name": "x",
                "expressions": {
                    "role": role_name,
                    "policy_arn": written("aws_iam_policy.jobs.arn"),
                },
            }
        ],
        "module_calls": {"roles": {"module": {"outputs": outputs or {}}}},
    }
    return plan


def test_references_lead_through_outputs_of_modules() -> None:
    output = {"name": {"expression": written("aws_iam_role.web.name")}}
    report = reviewed(module_plan(written("module.roles.name"), output))
    assert gained(report) == SEND
    assert report.unresolved == ()


def test_references_within_an_expression_are_unresolved() -> None:
    output = {"name": {"expression": {"references": ["aws_iam_role.web.name", "aws_iam_role.web"]}}}
    report = reviewed(module_plan({"references": ["module.roles.name", "module.roles"]}, output))
    [unresolved] = report.unresolved
    assert unresolved.address == "aws_iam_role_policy_attachment.x"
    assert [role.address for role in report.roles if role.verdict == "unresolved"] == ["module.roles.aws_iam_role.web"]


def test_references_lead_through_variables_of_modules() -> None:
    # given: the module for the attachment gets the role's name as a variable
    plan = module_plan({})
    root = plan["configuration"]["root_module"]
    inner = {"resources": root["resources"]}
    inner["resources"][0]["expressions"]["role"] = written("var.role")
    inner["resources"][0]["expressions"]["policy_arn"] = written("var.policy_arn")
    expressions = {"role": written("aws_iam_role.web.name"), "policy_arn": written("aws_iam_policy.jobs.arn")}
    plan["configuration"]["root_module"] = {"module_calls": {"attach": {"expressions": expressions, "module": inner}}}
    role, _, attached = plan["resource_changes"]
    role |= {"address": "aws_iam_role.web", "module_address": ""}
    attached |= {"address": f"module.attach[0].{attached['address']}", "module_address": "module.attach[0]"}
    # when / then
    assert gained(reviewed(plan)) == SEND


def test_with_count_each_attachment_gets_the_policy_of_its_index(monkeypatch) -> None:
    monkeypatch.chdir(PLANS / "modules")
    report = reviewed("modules", options=ReviewOptions(source=Path(), today=TODAY))
    assert {role.address: [row.resources for row in role.added] for role in report.roles} == {
        'module.service["api"].aws_iam_role.this': [("arn:aws:s3:::exports/*",)],
        'module.service["worker"].aws_iam_role.this': [("arn:aws:s3:::media/*",)],
    }


def test_an_attachment_of_an_unknown_policy_is_unresolved() -> None:
    output = {"name": {"expression": {"references": ["aws_iam_role.web.name"]}}}
    plan = module_plan({"references": ["module.roles.name"]}, output)
    plan["configuration"]["root_module"]["resources"][0]["expressions"]["policy_arn"] = {"references": ["local.arn"]}
    report = reviewed(plan)
    assert report.verdict == "unresolved"
    [unresolved] = report.unresolved
    assert unresolved.attribute == "role"
    assert "which role gets it is known only after the apply; it refers to module.roles.name" in unresolved.because
    assert "which policy it is, is known only after the apply; it refers to local.arn" in unresolved.because


SECRET = "s3cr3t"


def sensitive(planned: dict[str, Any], *attributes: str) -> dict[str, Any]:
    planned["change"]["after_sensitive"] = dict.fromkeys(attributes, True)
    return planned


@pytest.mark.parametrize(
    "planned",
    [
        [sensitive(attachment(["create"], f"arn:aws:iam::123456789012:policy/{SECRET}"), "policy_arn")],
        [
            sensitive(
                role_change(permissions_boundary=f"arn:aws:iam::123456789012:policy/{SECRET}", actions=["update"]),
                "permissions_boundary",
            ),
        ],
        [
            sensitive(
                role_change(managed_policy_arns=[f"arn:aws:iam::123456789012:policy/{SECRET}"], actions=["update"]),
                "managed_policy_arns",
            ),
        ],
        [
            sensitive(
                role_change(inline_policy=[{"name": SECRET, "policy": json.dumps(OWN)}], actions=["update"]),
                "inline_policy",
            ),
        ],
        [sensitive(inline_change(NOTHING, policy(allow("sqs:*")), f"aws_iam_role_policy.{SECRET[:3]}"), "name")],
    ],
)
def test_a_sensitive_policy_name_is_masked(planned) -> None:
    if planned[0]["type"] == "aws_iam_role_policy":
        planned[0]["change"]["after"]["name"] = SECRET
    own = [] if planned[0]["type"] == "aws_iam_role" else [role_change()]

    report = reviewed(plan_of(*own, *planned))

    assert SECRET in json.dumps(planned)
    assert SECRET not in json.dumps(asdict(report))
    assert report.roles


def test_an_aws_managed_policy_with_a_sensitive_arn_is_compared_and_masked() -> None:
    report = reviewed(plan_of(role_change(), sensitive(attachment(["create"], PULL), "policy_arn")))

    assert report.verdict == "broadens"
    assert only(report).actions_after == {"Write": 1, "Read": 3}
    assert [(policy.name, policy.arn, policy.actions) for policy in only(report).managed] == [
        ("(sensitive value)", "(sensitive value)", 4)
    ]
    assert "ecr:" not in json.dumps(asdict(report))


def test_equally_masked_grants_have_separate_approvals() -> None:
    first, other = (
        sensitive(attachment(["create"], f"arn:aws:iam::123456789012:policy/{name}"), "policy_arn") for name in "ab"
    )
    other["address"] = "aws_iam_role_policy_attachment.y"

    keys = [value.key for value in reviewed(plan_of(role_change(), first, other)).unresolved]

    assert len(keys) == len(set(keys)) == 2


def test_a_role_with_a_sensitive_name_is_shown_by_its_address() -> None:
    secret = sensitive(role_change(actions=["update"]), "name")
    secret["change"]["after"]["name"] = secret["change"]["before"]["name"] = SECRET
    grant = inline_change(NOTHING, policy(allow("sqs:*")))
    grant["change"]["after"]["role"] = SECRET

    report = reviewed(plan_of(secret, grant))

    assert (only(report).name, only(report).verdict) == ("aws_iam_role.web", "broadens")
    assert SECRET not in json.dumps(
        asdict(replace(report, roles=tuple(replace(role, trust=None) for role in report.roles)))
    )


def test_sensitive_policies_are_compared_and_masked_everywhere() -> None:
    report = reviewed("sensitive-policy")
    assert report.verdict == "broadens"
    text = json.dumps(plan_data("sensitive-policy"))
    assert "hidden-exports" in text
    assert "hidden-exports" not in json.dumps(asdict(report))
