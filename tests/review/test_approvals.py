"""Tests what the key of an approval depends on: the owner of a change, its content, and the known part of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from click.testing import CliRunner

from taskrole.cli.review import review as command
from taskrole.review.approvals import approved_changes, change_reasons, has_open_unknowns
from taskrole.review.report import PolicyReview, Report, WorkloadReview
from taskrole.review.review import ReviewOptions
from taskrole.review.rows import change_key, keyed
from taskrole.review.settings import ReviewSettings
from taskrole.review.settings_file import parse_settings
from tests.review.cases import (
    NOTHING,
    TODAY,
    allow,
    change,
    inline_change,
    plan_data,
    plan_of,
    policy,
    reviewed,
    role_change,
)

BROADENING = ReviewOptions(fail_on="never", require_approval="broadening", today=TODAY)
ANY = ReviewOptions(fail_on="never", require_approval="any", today=TODAY)
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:jobs"


def settings(*keys: str) -> ReviewSettings:
    entries = "".join(f"\n  - {{key: '{key}', owner: platform, reason: b}}" for key in keys)
    return parse_settings(f"version: 1\napprovals:{entries or ' []'}".encode(), "taskrole.review.yaml")


def keys_of(report: Report) -> list[str]:
    """Return the keys of everything in a report that an approval can name."""
    rows = [row.key for role in report.roles for row in (*role.added, *role.removed)]
    return [
        *rows,
        *(role.trust.key for role in report.roles if role.trust.key),
        *(value.key for value in report.unresolved),
    ]


def unknown_plan(references: list[str], **more: Any) -> dict[str, Any]:
    """Return a plan of a policy that is unknown as a whole, in a native configuration."""
    own = change("aws_iam_role_policy.own", ["create"], None, {"name": "own", "role": "web"}, unknown={"policy": True})
    secret = change("aws_secretsmanager_secret.db", ["create"], None, {"name": "db", "tags": {}}, unknown={"arn": True})
    plan = plan_of(role_change(), own, secret, variables={"path": {"value": "a"}, "other": {"value": 1}})
    plan["configuration"]["root_module"] = {
        "resources": [
            {
                "address": "aws_iam_role_policy.own", "mode": "managed", "type": "aws_iam_role_policy", "name": "own",
                "provider_config_key": "aws", "expressions": {"policy": {"references": references}, **more},
            }
        ]
    }  # fmt: skip
    return plan


REFERENCES = ["aws_secretsmanager_secret.db.arn", "aws_secretsmanager_secret.db", "var.path"]


def only_key(plan: dict[str, Any]) -> str:
    (unresolved,) = reviewed(plan).unresolved
    return unresolved.key


def test_an_approved_unknown_value_stays_approved_in_another_plan_of_the_same_change() -> None:
    plan = unknown_plan(REFERENCES)
    plan["timestamp"] = "2027-01-01T00:00:00Z"
    plan["variables"]["other"]["value"] = 2
    assert only_key(plan) == only_key(unknown_plan(REFERENCES))


def _another_secret(plan: dict[str, Any]) -> None:
    plan["resource_changes"][2]["change"]["after"]["name"] = "another"


def _another_variable(plan: dict[str, Any]) -> None:
    plan["variables"]["path"]["value"] = "b"


def _another_account(plan: dict[str, Any]) -> None:
    for values in ("before", "after"):
        plan["resource_changes"][0]["change"][values]["arn"] = "arn:aws:iam::210987654321:role/web"


def _another_role(plan: dict[str, Any]) -> None:
    for values in ("before", "after"):
        plan["resource_changes"][0]["change"][values] |= {"name": "api", "arn": "arn:aws:iam::123456789012:role/api"}
    plan["resource_changes"][1]["change"]["after"]["role"] = "api"


@pytest.mark.parametrize("mutate", [_another_secret, _another_variable, _another_account, _another_role])
def test_an_approval_of_an_unknown_value_ends_when_its_known_part_changes(mutate) -> None:
    plan = unknown_plan(REFERENCES)
    mutate(plan)
    assert only_key(plan) != only_key(unknown_plan(REFERENCES))


def test_an_approval_of_an_unknown_value_ends_when_a_secret_is_added() -> None:
    more = [*REFERENCES, "aws_secretsmanager_secret.api.arn", "aws_secretsmanager_secret.api"]
    assert only_key(unknown_plan(more)) != only_key(unknown_plan(REFERENCES))


def _deferred_unknown() -> dict[str, Any]:
    """Return a plan of a policy made of a document that is known in part, in an expression that is more than it."""
    plan = unknown_plan(["data.aws_iam_policy_document.d.json", "aws_secretsmanager_secret.db.arn"])
    statement = {"actions": ["secretsmanager:GetSecretValue"], "resources": [None]}
    document = change(
        "aws_iam_policy_document.d", ["read"], None, {"statement": [statement]}, mode="data", unknown={"json": True}
    )
    document["address"] = "data.aws_iam_policy_document.d"
    plan["resource_changes"].append(document)
    return plan


def test_an_approval_of_an_unknown_document_ends_when_its_known_part_changes() -> None:
    plan, other = _deferred_unknown(), _deferred_unknown()
    other["resource_changes"][3]["change"]["after"]["statement"][0]["actions"] = ["*"]
    keys = [{value.key for value in reviewed(data).unresolved} for data in (plan, other)]
    assert keys[0]
    assert keys[0].isdisjoint(keys[1])


def test_strict_accepts_an_approved_unknown_value(tmp_path) -> None:
    # given
    plan, file = tmp_path / "plan.json", tmp_path / "settings.yaml"
    plan.write_text(json.dumps(unknown_plan(REFERENCES)), encoding="utf-8")
    arguments = [str(plan), "--strict", "--settings", str(file)]

    def exit_code(*keys: str) -> int:
        entries = "".join(f"\n  - {{key: '{key}', owner: a, reason: b}}" for key in keys)
        file.write_text(f"version: 1\napprovals:{entries or ' []'}", encoding="utf-8")
        return CliRunner().invoke(command, arguments).exit_code

    # then
    assert exit_code() == 4
    assert exit_code("0" * 16) == 4
    assert exit_code(only_key(unknown_plan(REFERENCES))) == 0


def test_strict_rejects_an_incomplete_plan_despite_approvals() -> None:
    plan = unknown_plan(REFERENCES) | {"complete": False}
    assert has_open_unknowns(reviewed(plan, settings(only_key(plan))))


def test_a_key_depends_on_the_account_and_not_on_the_displayed_name() -> None:
    def plan(account: str, address: str = "aws_iam_role.web") -> dict[str, Any]:
        role = role_change(arn=f"arn:aws:iam::{account}:role/web")
        role |= {"address": address, "name": address.rpartition(".")[2]}
        return plan_of(role, inline_change(NOTHING, policy(allow("sqs:SendMessage", QUEUE))))

    first, other, moved = (
        keys_of(reviewed(data))
        for data in (plan("1" * 12), plan("2" * 12), plan("1" * 12, "aws_iam_role.another_address"))
    )
    assert set(first).isdisjoint(other)
    assert first == moved


def test_a_key_depends_on_the_provider_configuration_if_the_account_is_unknown() -> None:
    def plan(provider: str) -> dict[str, Any]:
        role = role_change(before=NOTHING, actions=["create"])
        del role["change"]["after"]["arn"]
        data = plan_of(role, inline_change(NOTHING, policy(allow("sqs:SendMessage", QUEUE))))
        data["configuration"]["provider_config"]["aws.prod"] = {"name": "aws", "alias": "prod"}
        data["configuration"]["root_module"]["resources"] = [
            {"mode": "managed", "type": "aws_iam_role", "name": "web", "provider_config_key": provider}
        ]
        return data

    assert set(keys_of(reviewed(plan("aws")))).isdisjoint(keys_of(reviewed(plan("aws.prod"))))


def test_an_approval_of_a_removed_grant_does_not_approve_adding_it() -> None:
    own = policy(allow("sqs:SendMessage", QUEUE))
    removed_report = reviewed(plan_of(role_change(), inline_change(own, NOTHING)), None, ANY)
    added_plan = plan_of(role_change(), inline_change(NOTHING, own))
    assert reviewed(added_plan, settings(*keys_of(removed_report)), ANY).blocked


def test_an_aws_managed_policy_has_a_single_key() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    attached = change("aws_iam_role_policy_attachment.x", ["create"], None, {"role": "web", "policy_arn": arn})
    plan = plan_of(role_change(), attached)
    keys = keys_of(reviewed(plan))
    assert len(keys) == 1
    assert not reviewed(plan, settings(*keys), BROADENING).blocked


POLICY = PolicyReview("aws_iam_policy.shared", "shared", "", "broadens", counts=True, key="a" * 16)
WORKLOAD = WorkloadReview("aws_ecs_service.web", "web", "task_definition", "a", "b", "unresolved", key="b" * 16)


@pytest.mark.parametrize(
    ("verdict", "required", "blocks"),
    [
        ("broadens", "broadening", True),
        ("unresolved", "broadening", True),
        ("narrows", "broadening", False),
        ("narrows", "any", True),
        ("neutral", "any", False),
        ("broadens", "never", False),
    ],
)
def test_a_policy_and_a_workload_need_an_approval(verdict, required, blocks) -> None:
    policies = [PolicyReview("a.b", "b", "", verdict, counts=True)]
    workloads = [WorkloadReview("a.b", "b", "task_role_arn", "x", "y", verdict)]
    assert bool(list(change_reasons(policies, [], required))) is blocks
    assert bool(list(change_reasons([], workloads, required))) is blocks


def test_a_policy_that_is_reported_for_all_its_roles_needs_no_approval_of_its_own() -> None:
    assert not list(change_reasons([PolicyReview("a.b", "b", "", "broadens")], [], "any"))


def test_an_approved_policy_and_workload_do_not_block() -> None:
    policies = approved_changes([POLICY], frozenset({POLICY.key}))
    workloads = approved_changes([WORKLOAD], frozenset({WORKLOAD.key}))
    assert not list(change_reasons(policies, workloads, "any"))
    assert len(list(change_reasons([POLICY], [WORKLOAD], "any"))) == 2


def _shared(policy_document: Any, unknown: list[str] | None = None) -> dict[str, Any]:
    """Return a plan that edits a policy which others have too; with references, its text is unknown."""
    values = {"name": "shared", "arn": "arn:aws:iam::123456789012:policy/shared", "attachment_count": 3}
    before = {**values, "policy": json.dumps(policy(allow("sqs:SendMessage", QUEUE)))}
    after = values if unknown else {**values, "policy": json.dumps(policy_document)}
    mask = {"policy": True} if unknown else {}
    plan = plan_of(change("aws_iam_policy.shared", ["update"], before, after, unknown=mask))
    plan["configuration"]["root_module"] = {
        "resources": [
            {
                "address": "aws_iam_policy.shared",
                "mode": "managed",
                "type": "aws_iam_policy",
                "name": "shared",
                "expressions": {"policy": {"references": unknown or []}},
            }
        ]
    }
    return plan


def test_an_edit_of_a_shared_policy_is_approved_by_a_single_key() -> None:
    plan = _shared(policy(allow("sqs:*", QUEUE)))
    (edited,) = reviewed(plan, None, BROADENING).policies
    report = reviewed(plan, settings(edited.key), BROADENING)
    assert reviewed(plan, None, BROADENING).blocked
    assert not report.blocked
    assert {row.key for row in edited.added} == {edited.key}
    assert all(row.approved for row in report.policies[0].added)


def test_an_approval_of_a_policy_whose_text_is_unknown_ends_when_its_expression_changes() -> None:
    keys = {reviewed(_shared(None, [f"aws_sqs_queue.{name}.arn"])).policies[0].key for name in ("a", "b")}
    assert len(keys) == 2


def test_the_key_of_a_whole_change_depends_on_its_rows_in_any_order_and_on_its_known_part() -> None:
    (role,) = reviewed(
        plan_of(role_change(), inline_change(NOTHING, policy(allow(["sqs:SendMessage", "s3:GetObject"], "*"))))
    ).roles
    rows = keyed(role.added, ("1", "shared"), "+")
    key = change_key("policy", ("1", "shared"), rows)
    assert key == change_key("policy", ("1", "shared"), rows[::-1])
    assert len({key, change_key("policy", ("2", "shared"), rows), change_key("policy", ("1", "shared"), rows[1:])}) == 3
    assert key != change_key("policy", ("1", "shared"), rows, known=["part"])


def test_an_approval_of_a_partly_known_policy_covers_the_known_part() -> None:
    plan = plan_data("hcl-first-apply")
    other = copy.deepcopy(plan)
    for resource in other["configuration"]["root_module"]["resources"]:
        if resource["type"] == "aws_iam_role_policy":
            resource["expressions"]["policy"] = {"references": ["aws_sqs_queue.another.arn", "aws_sqs_queue.another"]}
    keys = [{value.key for value in reviewed(data).unresolved} for data in (plan, other)]
    assert keys[0] != keys[1]
