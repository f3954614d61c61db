"""Tests that a placeholder in a field with effect on permissions is an error and grants nothing."""

from __future__ import annotations

import pytest

from taskrole.arns import Context
from taskrole.taskdef import derive, parse_document

HERE = Context("aws", "eu-west-1", "111122223333")

# Field: its value with the placeholder HERE.
FIELDS = {
    "/containerDefinitions/0/image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/HERE/app:1",
    "/containerDefinitions/0/name": "HERE",
    "/containerDefinitions/0/repositoryCredentials/credentialsParameter": "HERE",
    "/containerDefinitions/0/secrets/0/valueFrom": "/HERE/password",
    "/containerDefinitions/0/environmentFiles/0/value": "arn:aws:s3:::bucket/HERE/live.env",
    "/containerDefinitions/0/logConfiguration/secretOptions/0/valueFrom": "arn:aws:ssm:eu-west-1:HERE:parameter/x",
    "/containerDefinitions/0/logConfiguration/options/awslogs-group": "/kiosk/HERE",
    "/containerDefinitions/0/logConfiguration/options/awslogs-region": "HERE",
    "/containerDefinitions/0/logConfiguration/options/awslogs-stream-prefix": "web/HERE",
    "/containerDefinitions/0/logConfiguration/options/awslogs-create-group": "HERE",
    "/containerDefinitions/0/credentialSpecs/0": "credentialspec:arn:aws:s3:::bucket/HERE.json",
    "/containerDefinitions/1/dockerSecurityOptions/0": "credentialspec:arn:aws:s3:::bucket/HERE.json",
    "/containerDefinitions/1/firelensConfiguration/options/config-file-value": "arn:aws:s3:::bucket/HERE/extra.conf",
    "/containerDefinitions/1/environment/0/value": "arn:aws:s3:::bucket/HERE/init.conf",
    "/containerDefinitions/2/logConfiguration/options/delivery_stream": "logs-HERE",
    "/containerDefinitions/3/logConfiguration/options/Bucket": "logs-HERE",
    "/containerDefinitions/4/logConfiguration/options/role_arn": "arn:aws:iam::HERE:role/logs",
    "/volumes/0/efsVolumeConfiguration/fileSystemId": "fs-HERE",
    "/volumes/1/efsVolumeConfiguration/authorizationConfig/accessPointId": "HERE",
    "/volumes/2/s3filesVolumeConfiguration/fileSystemArn": "arn:aws:s3files:eu-west-1:HERE:file-system/fs-0a1b2c3d",
    "/volumes/3/fsxWindowsFileServerVolumeConfiguration/authorizationConfig/credentialsParameter": "HERE",
}


def task_definition():
    log = {"awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "p"}
    tls = {"fileSystemId": "fs-0a1b2c3d", "transitEncryption": "ENABLED"}
    firehose = {"Name": "firehose", "region": "eu-west-1", "delivery_stream": "s"}
    return {
        "requiresCompatibilities": ["EC2"],
        "containerDefinitions": [
            {
                "name": "web",
                "image": "registry.example.com/web",
                "repositoryCredentials": {"credentialsParameter": "login"},
                "secrets": [{"name": "A", "valueFrom": "a"}],
                "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/live.env"}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": log,
                    "secretOptions": [{"name": "A", "valueFrom": "a"}],
                },
                "credentialSpecs": ["credentialspec:file://spec.json"],
            },
            {
                "name": "router",
                "image": "fluent-bit",
                "dockerSecurityOptions": ["credentialspec:file://spec.json"],
                "firelensConfiguration": {"type": "fluentbit", "options": {"config-file-type": "s3"}},
                "environment": [{"name": "aws_fluent_bit_init_s3_1", "value": "arn:aws:s3:::bucket/init.conf"}],
            },
            {"name": "a", "image": "a", "logConfiguration": {"logDriver": "awsfirelens", "options": {**firehose}}},
            {"name": "b", "image": "b", "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "s3"}}},
            {"name": "c", "image": "c", "logConfiguration": {"logDriver": "awsfirelens", "options": {**firehose}}},
        ],
        "volumes": [
            {"name": "0", "efsVolumeConfiguration": {**tls, "authorizationConfig": {"iam": "ENABLED"}}},
            {"name": "1", "efsVolumeConfiguration": {**tls, "authorizationConfig": {"iam": "ENABLED"}}},
            {"name": "2", "s3filesVolumeConfiguration": {}},
            {"name": "3", "fsxWindowsFileServerVolumeConfiguration": {"authorizationConfig": {}}},
        ],
    }


def filled(pointer: str, value: str):
    data = task_definition()
    target = data
    *steps, last = pointer.split("/")[1:]
    for step in steps:
        target = target[int(step) if isinstance(target, list) else step]
    target[int(last) if isinstance(target, list) else last] = value
    return data


@pytest.mark.parametrize("placeholder", ["${ENV}", "$ENV", "{{env}}", "<env>", "XXXXXXXXXXXX"])
@pytest.mark.parametrize("pointer", FIELDS)
def test_a_placeholder_is_named_with_its_field_and_never_granted(pointer: str, placeholder: str) -> None:
    data = filled(pointer, FIELDS[pointer].replace("HERE", placeholder))

    derivation = derive([parse_document(data, "x.json")], HERE)

    errors = [finding for finding in derivation.findings if finding.source == pointer and finding.severity == "error"]
    assert "PLACEHOLDER" in {error.code for error in errors}
    # The value of an environment variable is never quoted, since others hold passwords.
    assert any(placeholder in error.message for error in errors) == ("/environment/" not in pointer)
    assert pointer not in {grant.source for grant in derivation.grants}
    assert not any(mark in str(derivation.grants) for mark in ("ENV", "env}", "<env", "XXXX"))


@pytest.mark.parametrize("placeholder", ["${ENV}", "$ENV", "{{env}}", "<env>"])
@pytest.mark.parametrize(
    "pointer", ["/family", "/containerDefinitions/0/command", "/containerDefinitions/0/environment", "/cpu"]
)
def test_a_placeholder_in_another_field_is_ignored(pointer: str, placeholder: str) -> None:
    value = [{"name": "A", "value": placeholder}] if pointer.endswith("environment") else placeholder

    findings = derive([parse_document(filled(pointer, value), "x.json")], HERE).findings

    assert not any(finding.source.startswith(pointer) for finding in findings)


@pytest.mark.parametrize("key", ["taskRoleArn", "executionRoleArn"])
def test_a_placeholder_for_a_role_is_no_error(key: str) -> None:
    document = parse_document({**task_definition(), key: "${ROLE_ARN}"}, "x.json")

    findings = [finding for finding in derive([document], HERE).findings if finding.source == f"/{key}"]

    assert [(finding.code, finding.severity) for finding in findings] == [("ROLE-PLACEHOLDER", "warning")]
