"""Tests every rule with a plan that breaks it and a similar plan that does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from taskrole.review.rules import RULES
from tests.policy_documents import when
from tests.review.cases import (
    CASES,
    ECS_TRUST,
    NOTHING,
    ROLE,
    allow,
    change,
    codes,
    inline_change,
    plan_data,
    plan_of,
    policy,
    reviewed,
    role_change,
    task_change,
)

A = "123456789012"
QUEUE = f"arn:aws:sqs:eu-central-1:{A}:jobs"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{A}:secret:prod/db-a1b2c3"
GROUP = f"arn:aws:logs:eu-central-1:{A}:log-group:/ecs/web"
KEY = f"arn:aws:kms:eu-central-1:{A}:key/0a1b2c3d-1111-2222-3333-444455556666"


def statement_plan(statement: dict[str, Any]) -> dict[str, Any]:
    return plan_of(role_change(), inline_change(NOTHING, policy(statement)))


def execution_plan(*statements: dict[str, Any], **container: Any) -> dict[str, Any]:
    return plan_of(role_change(), inline_change(NOTHING, policy(*statements)), task_change(container))


STATEMENTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("TR-ACTION-ANY", allow("*", QUEUE), allow("sqs:SendMessage", QUEUE)),
    ("TR-ACTION-SERVICE", allow("sqs:*", QUEUE), allow("sqs:Send*", QUEUE)),
    ("TR-RESOURCE-ANY", allow("sqs:SendMessage"), allow("ecr:GetAuthorizationToken")),
    ("TR-RESOURCE-ANY", allow("sqs:SendMessage", f"arn:aws:sqs:eu-central-1:{A}:*"), allow("sqs:ListQueues")),
    ("TR-RESOURCE-ANY", allow("s3:GetObject", "arn:aws:s3:::*"), allow("s3:GetObject", "arn:aws:s3:::media/*")),
    (
        "TR-RESOURCE-ANY",
        allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:*:{A}:secret:*"),
        allow("secretsmanager:GetSecretValue", "*", **when("StringEquals", "aws:ResourceTag/team", "web")),
    ),
    (
        "TR-RESOURCE-ANY",
        allow("ssm:GetParameters"),
        allow([f"ssmmessages:{name}" for name in ("CreateControlChannel", "CreateDataChannel", "OpenDataChannel")]),
    ),
    ("TR-SERVICE-UNKNOWN", allow("sqz:SendMessage", QUEUE), allow("SQS:sendmessage", QUEUE)),
    ("TR-ACTION-UNKNOWN", allow("sqs:SendMesage", QUEUE), allow("sqs:SendMessage", QUEUE)),
    ("TR-ACTION-UNKNOWN", allow("sqs:Sned*", QUEUE), allow("sqs:Send*", QUEUE)),
    ("TR-ACTION-UNKNOWN", allow("SendMessage", QUEUE), allow("sqs:SendMessage", QUEUE)),
    (
        "TR-CONDITION-UNKNOWN",
        allow("sqs:SendMessage", QUEUE, **when("StringEquals", "sqs:Queue", "x")),
        allow("sqs:SendMessage", QUEUE, **when("StringEquals", "aws:SourceVpce", "vpce-1")),
    ),
    ("TR-RESOURCE-MISMATCH", allow("sqs:SendMessage", SECRET), allow("sqs:SendMessage", QUEUE)),
    (
        "TR-RESOURCE-MISMATCH",
        allow("ecr:GetAuthorizationToken", f"arn:aws:ecr:eu-central-1:{A}:repository/web"),
        allow("ecr:BatchGetImage", f"arn:aws:ecr:eu-central-1:{A}:repository/web"),
    ),
    ("TR-RESOURCE-MISMATCH", allow("s3:GetObject", "arn:aws:s3:::media"), allow("s3:ListBucket", "arn:aws:s3:::media")),
    (
        "TR-RESOURCE-MISMATCH",
        allow(["sqs:SendMessage"], [QUEUE, SECRET]),
        allow("sqs:SendMessage", [QUEUE, f"{QUEUE}-2"]),
    ),
    (
        "TR-PASS-ROLE",
        allow("iam:PassRole", f"arn:aws:iam::{A}:role/web"),
        allow(
            "iam:PassRole",
            f"arn:aws:iam::{A}:role/web",
            **when("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com"),
        ),
    ),
    (
        "TR-PASS-ROLE",
        allow("iam:Pass*", f"arn:aws:iam::{A}:role/web"),
        allow("iam:GetRole", f"arn:aws:iam::{A}:role/web"),
    ),
    ("TR-NOT-ACTION", {"Effect": "Allow", "NotAction": "iam:*", "Resource": QUEUE}, allow("sqs:SendMessage", QUEUE)),
    (
        "TR-NOT-ACTION",
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": QUEUE},
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": QUEUE},
    ),
    (
        "TR-NOT-RESOURCE",
        {"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": QUEUE},
        allow("sqs:SendMessage", QUEUE),
    ),
    (
        "TR-SECRET-ARN",
        allow("secretsmanager:GetSecretValue", f"{SECRET}:password::"),
        allow("secretsmanager:GetSecretValue", SECRET),
    ),
    ("TR-LOG-ARN", allow("logs:PutLogEvents", GROUP), allow("logs:PutLogEvents", f"{GROUP}:*")),
    ("TR-LOG-ARN", allow("logs:CreateLogStream", GROUP), allow("logs:CreateLogGroup", GROUP)),
    ("TR-LOG-ARN", allow("logs:PutLogEvents", GROUP), allow("logs:PutLogEvents", [GROUP, f"{GROUP}:log-stream:web/*"])),
    ("TR-POLICY-MALFORMED", {"Effect": "Allow", "Action": "sqs:SendMessage"}, allow("sqs:SendMessage", QUEUE)),
    (
        "TR-POLICY-MALFORMED",
        allow("s3:GetObject", "arn:aws:s3:::media/€"),
        allow("s3:GetObject", "arn:aws:s3:::media/é"),
    ),
    ("TR-ESCALATION", allow("iam:PutRolePolicy"), allow("iam:GetRolePolicy")),
    ("TR-ESCALATION", allow(["iam:PassRole", "ec2:RunInstances"]), allow("ec2:RunInstances")),
    (
        "TR-ESCALATION",
        allow(["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"]),
        allow(["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"], f"arn:aws:iam::{A}:role/web"),
    ),
    (
        "TR-QUOTA",
        allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number:03}/*" for number in range(500)]),
        allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number:03}/*" for number in range(100)]),
    ),
]


@pytest.mark.parametrize(("code", "bad", "good"), STATEMENTS, ids=[code for code, _, _ in STATEMENTS])
def test_a_statement_breaks_the_rule_and_a_similar_statement_does_not(code, bad, good) -> None:
    assert code in codes(reviewed(statement_plan(bad)))
    assert code not in codes(reviewed(statement_plan(good)))


def test_the_least_policy_of_an_execution_role_has_no_findings() -> None:
    # given: the needs of a Fargate task with an image, a log group and a secret with its own key
    statements = (
        allow("ecr:GetAuthorizationToken"),
        allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], f"arn:aws:ecr:eu-central-1:{A}:repository/web"),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{GROUP}:*"),
        allow("secretsmanager:GetSecretValue", SECRET),
    )
    container = {
        "image": f"{A}.dkr.ecr.eu-central-1.amazonaws.com/web:1",
        "secrets": [{"name": "DB", "valueFrom": SECRET}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/web", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "web"},
        },
    }
    # when / then
    assert codes(reviewed(execution_plan(*statements, **container))) == set()


def trust(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Action": "sts:AssumeRole", **statement} for statement in statements],
    }


ECS = ECS_TRUST["Statement"][0]


def by(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, **more}


TRUSTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("TR-TRUST-ANYBODY", trust(ECS, by("*")), trust(ECS)),
    ("TR-TRUST-ANYBODY", trust(ECS, by({"AWS": "*"})), trust(ECS)),
    ("TR-TRUST-ACCOUNT", trust(ECS, by({"AWS": "arn:aws:iam::999999999999:root"})), trust(ECS)),
    ("TR-TRUST-ACCOUNT", trust(ECS, by({"AWS": "999999999999"})), trust(ECS, by({"AWS": A}))),
    (
        "TR-TRUST-ACCOUNT",
        trust(ECS, by("*", **when("StringEquals", "aws:PrincipalOrgID", "o-1"))),
        trust(ECS, by({"AWS": f"arn:aws:iam::{A}:role/ci"})),
    ),
    ("TR-TRUST-PRINCIPAL", trust(ECS, by({"Service": "lambda.amazonaws.com"})), trust(ECS)),
    ("TR-TRUST-CONDITIONS", trust({k: v for k, v in ECS.items() if k != "Condition"}), trust(ECS)),
    (
        "TR-TRUST-CONDITIONS",
        trust({**ECS, "Condition": {"StringEquals": {"aws:SourceAccount": [A, "999999999999"]}}}),
        trust({**ECS, "Condition": {**ECS["Condition"], **when("Bool", "aws:SecureTransport", "true")["Condition"]}}),
    ),
    ("TR-TRUST-DEPUTY", trust({k: v for k, v in ECS.items() if k != "Condition"}), trust(ECS)),
]


@pytest.mark.parametrize(
    ("before", "after", "code", "message"),
    [
        (
            trust(ECS),
            trust(ECS, {"Effect": "Allow", "NotPrincipal": {"AWS": A}}),
            "TR-TRUST-ANYBODY",
            f"everyone except account {A} can assume role web",
        ),
        # ECS could assume the role before, and the new statement denies it.
        (
            trust(ECS),
            trust({"Effect": "Allow", "NotPrincipal": ECS["Principal"]}),
            "TR-TRUST-ANYBODY",
            "everyone except ecs-tasks.amazonaws.com can assume role web",
        ),
        (
            trust(ECS, {"Effect": "Deny", "NotPrincipal": {"AWS": A}}),
            trust(ECS),
            "TR-TRUST-CONDITIONS",
            f"everyone except account {A} is no longer denied to assume role web",
        ),
        (
            trust(ECS, {**by("*"), "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
            trust(ECS),
            "TR-TRUST-CONDITIONS",
            "anybody is no longer denied to assume role web if aws:SecureTransport Bool false",
        ),
    ],
)
def test_a_statement_with_not_action_or_not_resource_is_described_as_such(before, after, code, message) -> None:
    reported = [
        finding
        for finding in reviewed(plan_of(role_change(before, after))).findings
        if finding.code.startswith("TR-TRUST")
    ]
    assert [(finding.code, finding.message) for finding in reported if finding.code != "TR-TRUST-DEPUTY"] == [
        (code, message)
    ]


@pytest.mark.parametrize(("code", "bad", "good"), TRUSTS, ids=[code for code, _, _ in TRUSTS])
def test_a_trust_policy_breaks_the_rule_and_a_similar_policy_does_not(code, bad, good) -> None:
    assert code in codes(reviewed(plan_of(role_change(ECS_TRUST, bad))))
    assert code not in codes(reviewed(plan_of(role_change(ECS_TRUST, good))))


def test_a_trust_policy_that_loses_a_deny_is_loosened() -> None:
    denied = {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{A}:role/ci"}}
    before = trust(ECS, by({"AWS": A}), denied)
    assert "TR-TRUST-CONDITIONS" in codes(reviewed(plan_of(role_change(before, trust(ECS, by({"AWS": A}))))))


def test_a_new_role_for_ecs_has_no_finding_on_its_trust() -> None:
    assert codes(reviewed(plan_of(role_change(NOTHING, ECS_TRUST, ["create"])))) == set()


TASKS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "TR-TASK-MISSING",
        execution_plan(allow("sqs:SendMessage", QUEUE), secrets=[{"name": "DB", "valueFrom": SECRET}]),
        execution_plan(allow("secretsmanager:GetSecretValue", SECRET), secrets=[{"name": "DB", "valueFrom": SECRET}]),
    ),
    (
        # The suffix is not in the task definition; the role names it.
        "TR-TASK-MISSING",
        execution_plan(
            allow("secretsmanager:GetSecretValue", SECRET.replace("prod", "test")),
            secrets=[{"name": "DB", "valueFrom": SECRET.removesuffix("-a1b2c3")}],
        ),
        execution_plan(
            allow("secretsmanager:GetSecretValue", SECRET),
            secrets=[{"name": "DB", "valueFrom": SECRET.removesuffix("-a1b2c3")}],
        ),
    ),
    (
        # A Deny overrides an Allow.
        "TR-TASK-MISSING",
        execution_plan(
            allow("secretsmanager:GetSecretValue", SECRET),
            {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"},
            secrets=[{"name": "DB", "valueFrom": SECRET}],
        ),
        execution_plan(
            allow("secretsmanager:GetSecretValue", SECRET),
            {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": f"{SECRET}-other"},
            secrets=[{"name": "DB", "valueFrom": SECRET}],
        ),
    ),
    (
        "TR-EXEC-EXCESS",
        execution_plan(allow("secretsmanager:GetSecretValue", SECRET)),
        execution_plan(allow("secretsmanager:GetSecretValue", SECRET), secrets=[{"name": "DB", "valueFrom": SECRET}]),
    ),
    (
        "TR-EXEC-APPLICATION",
        execution_plan(allow("sqs:SendMessage", QUEUE)),
        execution_plan(allow("ecr:GetAuthorizationToken")),
    ),
    (
        "TR-KMS-VIA-SERVICE",
        execution_plan(allow("kms:Decrypt", KEY)),
        execution_plan(
            allow("kms:Decrypt", KEY, **when("StringEquals", "kms:ViaService", "ssm.eu-central-1.amazonaws.com"))
        ),
    ),
    (
        "TR-TASK-INVALID",
        execution_plan(secrets=[{"name": "DB", "valueFrom": "{{ secret }}"}]),
        execution_plan(secrets=[{"name": "DB", "valueFrom": SECRET}]),
    ),
    (
        "TR-EXEC-IS-TASK",
        plan_of(role_change(), task_change(task_role_arn=f"arn:aws:iam::{A}:role/web")),
        plan_of(role_change(), task_change()),
    ),
]


@pytest.mark.parametrize(("code", "bad", "good"), TASKS, ids=[code for code, _, _ in TASKS])
def test_a_role_does_not_fit_its_task_and_a_similar_role_does(code, bad, good) -> None:
    assert code in codes(reviewed(bad))
    assert code not in codes(reviewed(good))


def daemon(**container: Any) -> dict[str, Any]:
    values = {
        "family": "agent",
        "arn": f"arn:aws:ecs:eu-central-1:{A}:daemon-task-definition/agent:1",
        "execution_role_arn": f"arn:aws:iam::{A}:role/web",
        "container_definition": [{"name": "agent", "image": "nginx", **container}],
        "volume": [],
    }
    return change("aws_ecs_daemon_task_definition.agent", ["create"], None, values)


def express_service(**container: Any) -> dict[str, Any]:
    values = {
        "service_name": "shop",
        "region": "eu-central-1",
        "execution_role_arn": f"arn:aws:iam::{A}:role/web",
        "infrastructure_role_arn": f"arn:aws:iam::{A}:role/infrastructure",
        "primary_container": [{"image": "nginx", "aws_logs_configuration": [{"log_group": "/shop"}], **container}],
    }
    return change("aws_ecs_express_gateway_service.shop", ["create"], None, values)


@pytest.mark.parametrize("made", [daemon, express_service], ids=["daemon", "Express service"])
def test_the_role_of_a_daemon_and_of_an_express_service_must_fit_it_too(made: Callable[..., dict[str, Any]]) -> None:
    own = inline_change(NOTHING, policy(allow("secretsmanager:GetSecretValue", SECRET)))
    needed = {"secret": [{"name": "DB", "value_from": SECRET}]}
    missing = {"secret": [{"name": "DB", "value_from": SECRET.replace("prod", "test")}]}

    assert "TR-TASK-MISSING" in codes(reviewed(plan_of(role_change(), own, made(**missing))))
    assert not any(
        finding.code == "TR-TASK-MISSING" and "secretsmanager" in finding.message
        for finding in reviewed(plan_of(role_change(), own, made(**needed))).findings
    )


def attached(arn: str) -> dict[str, Any]:
    return change("aws_iam_role_policy_attachment.x", ["create"], None, {"role": "web", "policy_arn": arn})


def test_a_broad_managed_policy_is_reported_with_its_replacement() -> None:
    image = f"{A}.dkr.ecr.eu-central-1.amazonaws.com/web:1"
    broad = plan_of(
        role_change(),
        task_change({"image": image}),
        attached("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"),
    )
    broad_finding = next(finding for finding in reviewed(broad).findings if finding.code == "TR-EXEC-MANAGED")
    assert broad_finding.fix == (
        "replace it with ecr:GetAuthorizationToken on *; ecr:BatchGetImage, ecr:GetDownloadUrlForLayer on"
        f" arn:aws:ecr:eu-central-1:{A}:repository/web"
    )


def test_the_aws_policy_for_execution_roles_is_not_called_broad() -> None:
    default_policy = attached("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
    assert "TR-EXEC-MANAGED" not in codes(reviewed(plan_of(role_change(), task_change(), default_policy)))


def test_a_role_that_is_destroyed_while_a_task_uses_it_is_reported() -> None:
    deleted = role_change(ECS_TRUST, NOTHING, ["delete"])
    assert "TR-ROLE-DESTROYED-IN-USE" in codes(reviewed(plan_of(deleted, task_change())))
    assert "TR-ROLE-DESTROYED-IN-USE" not in codes(reviewed(plan_of(deleted)))


def test_a_policy_edited_or_deleted_by_hand_is_reported() -> None:
    own = policy(allow("sqs:SendMessage", QUEUE))
    for after in (policy(allow("sqs:*", QUEUE)), NOTHING):
        drift = inline_change(own, after)
        report = reviewed(plan_of(role_change(), inline_change(own, own), resource_drift=[drift]))
        assert "TR-DRIFT-DOCUMENT" in codes(report)


def test_values_of_a_first_refresh_are_not_drift() -> None:
    # given: what the refresh after a first apply reports, measured
    role = role_change()
    before = {**role["change"]["before"], "tags": None, "inline_policy": [], "managed_policy_arns": []}
    own = policy(allow("sqs:SendMessage", QUEUE))
    after = {**before, "tags": {}, "inline_policy": [{"name": "own", "policy": json.dumps(own)}]}
    drift = [
        change(ROLE, ["update"], before, after),
        change("aws_iam_policy.x", ["update"], {"attachment_count": 0}, {"attachment_count": 1}),
    ]
    role["change"] |= {"before": after, "after": after}
    # when
    report = reviewed(plan_of(role, inline_change(own, own), resource_drift=drift))
    # then
    assert codes(report) == set()
    assert report.verdict == "no-change"


def test_every_rule_is_broken_in_a_test() -> None:
    broken = {code for code, _, _ in (*STATEMENTS, *TRUSTS, *TASKS)}
    broken |= {code for case in CASES for code in codes(reviewed(plan_data(case)))}
    broken |= {"TR-EXEC-MANAGED", "TR-ROLE-DESTROYED-IN-USE", "TR-DRIFT-DOCUMENT"}  # above, by name
    broken |= {"TR-DRIFT-BOUNDARY", "TR-DRIFT-DENY", "TR-DRIFT-PROFILE"}  # test_drift_rules.py
    broken |= {"TR-TRUST-OIDC-ANYBODY", "TR-TRUST-OIDC-ANY-SUBJECT"}  # test_federation.py
    broken |= {"TR-TRUST-SAML", "TR-TRUST-PROVIDER"}  # test_federation.py
    broken |= {"TR-ASSERTION", "TR-WAIVER"}  # test_settings.py
    assert broken == set(RULES)
