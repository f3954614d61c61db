"""Tests the reason of each grant that a role gains: the task definition that needs its actions."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.review.render.changes import AccessChange
from tests.review.cases import (
    NOTHING,
    allow,
    change,
    inline_change,
    plan_of,
    policy,
    reviewed,
    role_change,
    task_change,
)

A = "123456789012"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{A}:secret:prod/db-a1b2c3"
IMAGE = f"{A}.dkr.ecr.eu-central-1.amazonaws.com/web:1"
TASK = "aws_ecs_task_definition.web/containerDefinitions/0"
WHY_SECRET = f"container 'web' gets it as DB ({TASK}/secrets/0/valueFrom)"
WHY_LOGIN = f"container 'web' pulls from ECR, and logs in first ({TASK}/image)"
WHY_PULL = f"container 'web' pulls web ({TASK}/image)"
REST = "no task in this plan needs the rest"
GET, PUT = "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"
LOGIN, PULL = "ecr:GetAuthorizationToken", "ecr:BatchGetImage"


def whys(statement: dict[str, Any]) -> dict[tuple[str, ...], str]:
    """Return the reason of each row that a role gains, whose task reads a secret and pulls an image."""
    container = {"image": IMAGE, "secrets": [{"name": "DB", "valueFrom": SECRET}]}
    plan = plan_of(role_change(), inline_change(NOTHING, policy(statement)), task_change(container))
    (role,) = reviewed(plan).roles
    return {row.actions: row.because for row in role.added}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(allow(GET, SECRET), {(GET,): WHY_SECRET}, id="what is needed"),
        pytest.param(allow(PUT, SECRET), {(PUT,): ""}, id="what is not"),
        pytest.param(allow([GET, PUT], SECRET), {(PUT,): "", (GET,): WHY_SECRET}, id="two levels, one needed"),
        pytest.param(allow(GET, f"{SECRET}x"), {(GET,): ""}, id="another resource"),
        pytest.param(
            allow([GET, "secretsmanager:DescribeSecret"], SECRET),
            {("secretsmanager:DescribeSecret", GET): f"{GET}: {WHY_SECRET}; {REST}"},
            id="one level, one needed",
        ),
        pytest.param(
            allow([LOGIN, PULL], "*"), {(PULL, LOGIN): f"{LOGIN}: {WHY_LOGIN}; {PULL}: {WHY_PULL}"}, id="two reasons"
        ),
        pytest.param(
            allow("secretsmanager:*", SECRET),
            {("secretsmanager:*",): f"{GET}: {WHY_SECRET}; {REST}"},
            id="more than is needed",
        ),
    ],
)
def test_only_actions_that_a_task_definition_needs_have_it_as_reason(statement, expected) -> None:
    assert whys(statement) == expected


def unmeasured(*changes: dict[str, Any], **more: Any) -> str:
    """Return the reason of a grant to role web that no known task needs."""
    given = inline_change(NOTHING, policy(allow(PUT, SECRET)))
    report = reviewed(plan_of(role_change(), given, *changes, **more))
    role = next(role for role in report.roles if role.name == "web")
    return AccessChange("+", role, role.added[0]).why


NO_ROLE = {"execution_role_arn": None}


def later(**more: Any) -> dict[str, Any]:
    """Return a task definition with a part that is known only after the apply."""
    made = task_change(**more)
    made["change"]["after_unknown"] = {key: True for key, value in more.items() if value is None}
    return made


LATER_ROLE = later(execution_role_arn=None)
# The configuration refers to a role that the plan does not have.
UNKNOWN_ROLE = {
    "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-central-1"}}}},
    "root_module": {
        "resources": [
            {
                "mode": "managed",
                "type": "aws_ecs_task_definition",
                "name": "web",
                "expressions": {"execution_role_arn": {"references": ["local.role"]}},
            }
        ]
    },
}


def test_a_grant_of_an_execution_role_that_no_task_needs_is_marked() -> None:
    assert unmeasured(task_change()) == "no task in this plan needs it"


def test_a_task_role_names_only_reasons_from_its_definitions() -> None:
    web = f"arn:aws:iam::{A}:role/web"

    assert unmeasured(task_change(task_role_arn=web, **NO_ROLE)) == (
        "no task definition in this plan asks for it; what the application calls is in none"
    )


@pytest.mark.parametrize("trusted", ["lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"])
def test_a_role_that_no_task_uses_has_no_reasons(trusted: str) -> None:
    trust = policy({"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"})
    grant = inline_change(NOTHING, policy(allow(PUT, SECRET)))

    (role,) = reviewed(plan_of(role_change(trust, trust), grant, task_change(**NO_ROLE))).roles

    assert AccessChange("+", role, role.added[0]).why == ""


def test_a_definition_known_only_after_apply_leaves_the_reason_unknown() -> None:
    reason = unmeasured(later(container_definitions=None))

    assert reason.startswith(
        "whether a task needs it is not known: aws_ecs_task_definition.web container_definitions: "
    )


def test_a_definition_without_an_account_and_region_leaves_the_reason_unknown() -> None:
    made = task_change()
    del made["change"]["after"]["arn"]
    provider = {"provider_config": {"aws": {"name": "aws"}}, "root_module": {}}

    assert "not known: " in unmeasured(made, configuration=provider)
    assert "the plan shows no region; give --region" in unmeasured(made, configuration=provider)


def test_a_definition_with_an_unknown_role_leaves_the_reason_unknown_for_roles_that_tasks_may_assume() -> None:
    reason = unmeasured(LATER_ROLE, configuration=UNKNOWN_ROLE)

    assert reason.startswith("whether a task needs it is not known: aws_ecs_task_definition.web execution_role_arn: ")


def test_a_definition_with_an_unknown_role_is_ignored_for_a_role_that_tasks_cannot_assume() -> None:
    trust = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    grant = inline_change(NOTHING, policy(allow(PUT, SECRET)))

    (role,) = reviewed(plan_of(role_change(trust, trust), grant, LATER_ROLE, configuration=UNKNOWN_ROLE)).roles

    assert AccessChange("+", role, role.added[0]).why == ""


def test_an_underivable_part_of_a_definition_leaves_the_reason_unknown() -> None:
    reason = unmeasured(task_change({"secrets": [{"name": "DB", "valueFrom": "${module.db.secret}"}]}))

    assert reason == (
        "whether a task needs it is not known: nothing can be derived from a part of aws_ecs_task_definition.web"
    )


def test_an_incomplete_plan_leaves_the_reason_unknown() -> None:
    assert unmeasured(task_change(), complete=False) == "whether a task needs it is not known: the plan is not whole"


def test_the_rest_of_a_grant_is_not_called_unneeded_if_that_is_unknown() -> None:
    container = {"secrets": [{"name": "DB", "valueFrom": SECRET}]}
    grant = inline_change(NOTHING, policy(allow("secretsmanager:*", SECRET)))

    (role,) = reviewed(plan_of(role_change(), grant, task_change(container), complete=False)).roles

    assert [row.because for row in role.added] == [
        f"{GET}: {WHY_SECRET}; whether a task needs the rest is not known: the plan is not whole"
    ]


def test_a_kms_key_that_may_encrypt_a_secret_is_not_called_unneeded() -> None:
    container = {"secrets": [{"name": "DB", "valueFrom": SECRET}]}
    key = f"arn:aws:kms:eu-central-1:{A}:key/1"
    grant = inline_change(NOTHING, policy(allow("kms:Decrypt", key)))

    (role,) = reviewed(plan_of(role_change(), grant, task_change(container))).roles

    assert [row.because for row in role.added] == [
        "aws_ecs_task_definition.web does not say which key encrypts its secrets; it may be this one"
    ]


def test_no_fix_calls_a_policy_unneeded_if_that_is_unknown() -> None:
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    attached = change("aws_iam_role_policy_attachment.x", ["create"], None, {"role": "web", "policy_arn": arn})

    def fixes(task: dict[str, Any]) -> list[str]:
        report = reviewed(plan_of(role_change(), attached, task))
        return [
            finding.fix for finding in report.findings if arn in finding.resources and finding.code == "TR-EXEC-MANAGED"
        ]

    assert fixes(task_change()) == ["detach it: no task needs any of its permissions"]
    assert all("no task needs" not in fix for fix in fixes(later(container_definitions=None)))
