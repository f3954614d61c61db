"""The answers of AWS for a small account, in the protocol of each service."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

ACCOUNT, REGION = "123456789012", "eu-central-1"
_ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
_IAM = f"arn:aws:iam::{ACCOUNT}"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ],
}
_PULL = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Pull", "Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": "*"}],
}
# Newer than the snapshot of AWS managed policies, so its document is requested.
_NEW_POLICY = "arn:aws:iam::aws:policy/NewerThanTheSnapshot"
_ROLE = {
    "Path": "/",
    "RoleName": "web",
    "RoleId": "AROA",
    "Arn": f"{_IAM}:role/web",
    "CreateDate": "2026-01-01T00:00:00Z",
    "AssumeRolePolicyDocument": _TRUST,
}
_MORE = {
    "Description": "Web",
    "MaxSessionDuration": 3600,
    "Tags": [{"Key": "team", "Value": "core"}],
    "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": _NEW_POLICY},
}
_ATTACHED = [{"PolicyName": "NewerThanTheSnapshot", "PolicyArn": _NEW_POLICY}]

TASK_DEFINITION = {
    "taskDefinitionArn": f"{_ECS}:task-definition/web:1",
    "family": "web",
    "executionRoleArn": f"{_IAM}:role/web",
    "taskRoleArn": f"{_IAM}:role/web",
    "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [
        {
            "name": "web",
            "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1",
            "environment": [{"name": "PASSWORD", "value": "correct horse"}],
            "secrets": [{"name": "KEY", "valueFrom": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:web-AbCdEf"}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/web", "awslogs-region": REGION, "awslogs-stream-prefix": "web"},
            },
        }
    ],
    "volumes": [],
}
ROLES_YAML = f"""\
version: 1
stacks:
  main:
    region: {REGION}
    account: "{ACCOUNT}"
    roles:
      web:
        kind: execution
"""

ANSWERS: Mapping[str, Any] = {
    "sts:GetCallerIdentity": {
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/me",
        "UserId": "A",
        "Account": ACCOUNT,
    },
    "sts:AssumeRole": {"Credentials": {"AccessKeyId": "ASIAX", "SecretAccessKey": "x", "SessionToken": "x"}},
    "organizations:ListAccounts": {
        "Accounts": [{"Id": ACCOUNT, "Name": "shop", "State": "ACTIVE", "Status": "ACTIVE"}]
    },
    "ec2:DescribeRegions": {"Regions": [{"RegionName": "eu-central-1"}]},
    "cloudtrail:LookupEvents": {"Events": [{"EventId": "1", "CloudTrailEvent": "{}"}]},
    "ecs:ListClusters": {"clusterArns": [f"{_ECS}:cluster/main"]},
    "ecs:ListServices": {"serviceArns": [f"{_ECS}:service/main/web"]},
    "ecs:DescribeServices": {
        "services": [
            {
                "serviceArn": f"{_ECS}:service/main/web",
                "serviceName": "web",
                "status": "ACTIVE",
                "taskDefinition": f"{_ECS}:task-definition/web:1",
                "deployments": [{"id": "1", "taskDefinition": f"{_ECS}:task-definition/web:1"}],
                "enableExecuteCommand": True,
            }
        ],
        "failures": [],
    },
    "ecs:DescribeTaskDefinition": {"taskDefinition": TASK_DEFINITION, "tags": []},
    "iam:GetAccountAuthorizationDetails": {
        "IsTruncated": False,
        "RoleDetailList": [
            {
                **_ROLE,
                "RolePolicyList": [{"PolicyName": "pull", "PolicyDocument": _PULL}],
                "AttachedManagedPolicies": _ATTACHED,
                "PermissionsBoundary": _MORE["PermissionsBoundary"],
                "Tags": _MORE["Tags"],
            }
        ],
        "Policies": [
            {
                "PolicyName": "own",
                "Arn": f"{_IAM}:policy/own",
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": _PULL}],
            }
        ],
    },
    "iam:GetRole": {"Role": {**_ROLE, **_MORE}},
    "iam:ListRoles": {"IsTruncated": False, "Roles": [_ROLE]},
    "iam:ListRolePolicies": {"IsTruncated": False, "PolicyNames": ["pull"]},
    "iam:GetRolePolicy": {"RoleName": "web", "PolicyName": "pull", "PolicyDocument": _PULL},
    "iam:ListAttachedRolePolicies": {"IsTruncated": False, "AttachedPolicies": _ATTACHED},
    "iam:GetPolicy": {"Policy": {"PolicyName": "NewerThanTheSnapshot", "Arn": _NEW_POLICY, "DefaultVersionId": "v1"}},
    "iam:GetPolicyVersion": {"PolicyVersion": {"VersionId": "v1", "IsDefaultVersion": True, "Document": _PULL}},
}
_DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")


def body(operation: str, change: Callable[[Any], Any] = lambda data: data) -> bytes:
    """Return the answer to an operation, such as iam:GetRole, as bytes; `change` spoils the data."""
    data = change(ANSWERS[operation])
    if operation.startswith(("ecs:", "cloudtrail:")):
        return json.dumps(data).encode()
    name = operation.partition(":")[2]
    content = f"<{name}Response><{name}Result>{_xml(data)}</{name}Result></{name}Response>"
    return content.encode("utf-8", "replace")


def _xml(value: Any, name: str = "") -> str:
    if name in _DOCUMENTS and isinstance(value, (dict, list)):
        return quote(json.dumps(value))
    if isinstance(value, dict):
        return "".join(f"<{key}>{_xml(inner, key)}</{key}>" for key, inner in value.items() if inner is not None)
    if isinstance(value, list):
        return "".join(f"<member>{_xml(inner)}</member>" for inner in value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return escape("".join(character for character in text if character >= " "))
