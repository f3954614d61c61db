"""Roles as people make them in the console, which AWS's own calls repeat here."""

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
    """Make a role in the steps of the workshop: trusted entity, policies, name."""
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
