"""Creates roles as users do in the console, by the same calls."""

from __future__ import annotations

import json
from typing import Any

WORKSHOP_POLICIES = (
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
)
# The trust policy and the description that the console writes for the use case "Elastic Container Service Task".
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
DESCRIPTION = "Allows ECS tasks to call AWS services on your behalf."


def click_role(iam: Any, name: str, trust: Any = TRUST, policies: tuple[str, ...] = WORKSHOP_POLICIES, **more: Any):
    """Create a role in the steps of the workshop: trusted entity, policies, name."""
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(trust),
        **{"Description": DESCRIPTION, "MaxSessionDuration": 3600, **more},
    )["Role"]
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    return role


def put_policy(iam: Any, role: str, name: str, *statements: dict[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def clear(iam: Any) -> None:
    """Delete all roles and customer managed policies of an embedded account."""
    for role in _all(iam, "list_roles", "Roles"):
        name = {"RoleName": role["RoleName"]}
        for attached in _all(iam, "list_attached_role_policies", "AttachedPolicies", **name):
            iam.detach_role_policy(**name, PolicyArn=attached["PolicyArn"])
        for inline in _all(iam, "list_role_policies", "PolicyNames", **name):
            iam.delete_role_policy(**name, PolicyName=inline)
        iam.delete_role(**name)
    for policy in _all(iam, "list_policies", "Policies", Scope="Local"):
        arn = {"PolicyArn": policy["Arn"]}
        for version in iam.list_policy_versions(**arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(**arn, VersionId=version["VersionId"])
        iam.delete_policy(**arn)


def _all(iam: Any, operation: str, key: str, **parameters: Any) -> list[Any]:
    pages = iam.get_paginator(operation).paginate(**parameters)
    return [command for page in pages for command in page[key]]
