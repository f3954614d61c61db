"""Tests unknown results of a check: in the list, the summary and the exit code."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from taskrole.check import Assignment, CheckedItem, CheckReport, check_tasks
from taskrole.check.json_report import report_json
from taskrole.check.text import report_lines, summary_line
from taskrole.grant import RoleKind
from taskrole.policy.effective_role import EffectiveRole
from taskrole.taskdef import Options
from taskrole.taskdef.features.keys import AWS_OWNED, EVERYTHING
from taskrole.taskdef.read import parse_document

from .scenarios import CONTEXT, KEY, allow, subject

SECRETS = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
READ = allow("secretsmanager:GetSecretValue", f"{SECRETS}*")
MOUNT = allow("elasticfilesystem:Client*", "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-0a1b2c3d")
EFS = {
    "volumes": [
        {
            "name": "data",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-0a1b2c3d",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"iam": "ENABLED"},
            },
        }
    ]
}
ROLES = {"executionRoleArn": "shop-execution", "taskRoleArn": "shop-task"}


def task(*secrets: str, image: str = "nginx", **more: Any) -> dict[str, Any]:
    container = {
        "name": "web",
        "image": image,
        "secrets": [{"name": f"S{index}", "valueFrom": text} for index, text in enumerate(secrets)],
        "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}] if "volumes" in more else [],
    }
    return {"family": "shop", **ROLES, "containerDefinitions": [container], **more}


def checked(data: dict[str, Any], options: Options | None = None, **roles: EffectiveRole) -> CheckReport:
    document = parse_document({key: value for key, value in data.items() if value is not None}, "shop.json")
    kinds: dict[str, RoleKind] = {"execution": "execution", "task": "task"}
    assignments = [Assignment("shop.json", kinds[kind], role) for kind, role in roles.items()]
    return check_tasks([document], CONTEXT, dict.fromkeys(kinds.values(), options or Options()), assignments)


def items(report: CheckReport, action: str) -> list[CheckedItem]:
    return [item for role in report.roles for item in role.items if action in item.actions]


def statuses(report: CheckReport, action: str) -> list[str]:
    return [item.status for item in items(report, action)]


REFERENCES = {
    "a secret": task(f"{SECRETS}db-Ab12Cd"),
    "a parameter": task("/shop/flag"),
    "registry credentials": task(),
    "credentials for FSx": task(
        requiresCompatibilities=["EC2"],
        volumes=[
            {
                "name": "data",
                "fsxWindowsFileServerVolumeConfiguration": {
                    "fileSystemId": "fs-0a1b2c3d4e5f60718",
                    "rootDirectory": "data",
                    "authorizationConfig": {"credentialsParameter": f"{SECRETS}fsx-Ab12Cd", "domain": "example.com"},
                },
            }
        ],
    ),
}
REFERENCES["registry credentials"]["containerDefinitions"][0]["repositoryCredentials"] = {
    "credentialsParameter": f"{SECRETS}hub-Ab12Cd"
}
READS_ALL = subject("shop", READ, allow(["ssm:GetParameters", "fsx:DescribeFileSystems"], "*"))


@pytest.mark.parametrize("name", REFERENCES)
def test_without_a_named_key_decryption_is_unknown(name: str) -> None:
    report = checked(REFERENCES[name], execution=READS_ALL)

    assert statuses(report, "kms:Decrypt") == ["unknown"]
    assert "--kms-key aws-owned" in items(report, "kms:Decrypt")[0].why
    assert report.count("unknown") == 1


@pytest.mark.parametrize("name", REFERENCES)
def test_aws_managed_keys_need_no_permission(name: str) -> None:
    report = checked(REFERENCES[name], Options(kms_keys={EVERYTHING: AWS_OWNED}), execution=READS_ALL)

    assert (statuses(report, "kms:Decrypt"), report.count("unknown"), report.errors) == ([], 0, ())


def test_a_key_for_all_secrets_must_be_allowed() -> None:
    report = checked(task(f"{SECRETS}db-Ab12Cd", "/flag"), Options(kms_keys={EVERYTHING: KEY}), execution=READS_ALL)

    assert statuses(report, "kms:Decrypt") == ["MISSING", "MISSING"]
    assert {item.resources for item in items(report, "kms:Decrypt")} == {(KEY,)}


def test_a_key_for_all_secrets_does_not_apply_to_another_region() -> None:
    far = f"{SECRETS}db-Ab12Cd".replace("eu-west-1", "us-east-1")

    report = checked(task(far), Options(kms_keys={EVERYTHING: KEY}), execution=READS_ALL)

    assert statuses(report, "kms:Decrypt") == ["unknown"]


@pytest.mark.parametrize(
    ("resource", "status"), [("*", "OK"), (KEY, "unknown"), (KEY.replace("eu-west-1", "us-east-1"), "unknown")]
)
def test_a_role_that_may_use_every_key_needs_no_named_key(resource: str, status: str) -> None:
    role = subject("shop", READ, allow("kms:Decrypt", resource))

    assert statuses(checked(task(f"{SECRETS}db-Ab12Cd"), execution=role), "kms:Decrypt") == [status]


def test_the_unknown_keys_of_many_secrets_are_a_single_item_with_all_fields() -> None:
    secrets = [f"{SECRETS}db{number}-Ab12Cd" for number in range(30)]

    (item,) = items(checked(task(*secrets), execution=subject("shop", READ)), "kms:Decrypt")

    assert len(item.sources) == 30


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        (["shop/db-prod01"], "unknown"),
        (["shop/db-prod01-??????"], "unknown"),
        (["shop/db-prod01", "shop/db-prod01-??????"], "OK"),
        (["shop/db-*"], "OK"),
        (["shop/db"], "MISSING"),
    ],
)
def test_an_arn_that_may_lack_its_suffix_is_evaluated_both_ways(allowed: list[str], status: str) -> None:
    role = subject("shop", allow("secretsmanager:GetSecretValue", [f"{SECRETS}{name}" for name in allowed]))

    report = checked(task(f"{SECRETS}shop/db-prod01"), execution=role)

    assert statuses(report, "secretsmanager:GetSecretValue") == [status]


def test_an_option_declares_that_the_arn_has_its_suffix() -> None:
    role = subject("shop", allow("secretsmanager:GetSecretValue", f"{SECRETS}shop/db-prod01"))

    report = checked(task(f"{SECRETS}shop/db-prod01"), Options(ambiguous_secret_suffix="full"), execution=role)

    assert statuses(report, "secretsmanager:GetSecretValue") == ["OK"]
    assert not [finding for finding in report.derivation.findings if finding.code == "SM-3"]


@pytest.mark.parametrize("compatibility", ["EC2", "FARGATE"])
@pytest.mark.parametrize(("named", "status"), [("shop-task", "unknown"), (None, "MISSING")])
def test_a_task_role_is_unknown_if_not_given_and_missing_if_not_named(
    named: str | None, status: str, compatibility: str
) -> None:
    report = checked(task(**EFS, taskRoleArn=named, requiresCompatibilities=[compatibility]), execution=subject("shop"))

    assert statuses(report, "elasticfilesystem:ClientMount") == [status]


def test_without_an_execution_role_only_an_ec2_instance_can_pull() -> None:
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:1"
    pulls = {
        compatibility: statuses(
            checked(task(image=image, executionRoleArn=None, requiresCompatibilities=[compatibility])),
            "ecr:BatchGetImage",
        )
        for compatibility in ("EC2", "FARGATE")
    }

    assert pulls == {"EC2": ["unknown"], "FARGATE": ["MISSING"]}


def test_a_permission_on_the_wrong_role_is_missing_and_not_excess() -> None:
    report = checked(task(**EFS), execution=subject("of-ecs", MOUNT), task=subject("of-app"))

    (item,) = items(report, "elasticfilesystem:ClientMount")
    assert item.status == "MISSING"
    assert item.why.endswith("; the execution role allows it, but the task role is used for it")
    of_ecs = next(excesses for excesses in report.excesses if excesses.subject.name == "of-ecs")
    assert set(of_ecs.misplaced) == {"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}
    assert [excess.action for excess in of_ecs.report.excess] == ["elasticfilesystem:ClientRootAccess"]


def test_permissions_beyond_the_misplaced_ones_are_excess() -> None:
    wide = allow("elasticfilesystem:ClientMount", "*")

    report = checked(task(**EFS), execution=subject("of-ecs", wide), task=subject("of-app"))

    of_ecs = next(excesses for excesses in report.excesses if excesses.subject.name == "of-ecs")
    assert (of_ecs.misplaced, of_ecs.count) == ((), 1)


def test_with_a_malformed_secret_the_result_is_unknown_and_no_excess_is_counted() -> None:
    report = checked(task(f"{SECRETS}db-Ab12Cd:password"), execution=subject("shop", READ))

    assert summary_line(report) == "1 OK, 1 error: 0 of 1 task definition would fail to start, 1 may; 0 EXCESS"
    assert "EXCESS in shop: not counted, since not all its needs are known (1 error)" in list(report_lines(report))
    assert json.loads(report_json(report))["summary"] == {
        "ok": 1, "missing": 0, "unknown": 0, "errors": 1, "excess": 0, "tasks": 1, "would_fail": 0, "may_fail": 1,
    }  # fmt: skip


def test_all_streams_of_a_needed_log_group_are_not_excess() -> None:
    data = task()
    data["containerDefinitions"][0]["logConfiguration"] = {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"},
    }
    group = "arn:aws:logs:eu-west-1:111122223333:log-group:/shop"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]

    counts = {
        resource: checked(data, execution=subject("shop", allow(actions, resource))).excesses[0].count
        for resource in (f"{group}:*", f"{group}:log-stream:*", f"{group}*", f"{group}-other:*")
    }

    assert counts == {f"{group}:*": 0, f"{group}:log-stream:*": 0, f"{group}*": 2, f"{group}-other:*": 2}


def test_the_list_shows_each_unknown_need_with_its_reason() -> None:
    report = checked(task(f"{SECRETS}db-Ab12Cd"), execution=subject("shop", READ))

    lines = [click.unstyle(line) for line in report_lines(report)]

    at = next(index for index, line in enumerate(lines) if line.startswith("    unknown  kms:Decrypt"))
    assert lines[at + 2].lstrip().startswith("because the key is not known; name it in the option kms_keys")
    assert lines[-1] == "2 OK, 1 unknown: 0 of 1 task definition would fail to start, 1 may; 1 EXCESS"
