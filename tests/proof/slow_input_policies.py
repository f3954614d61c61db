"""Policies, plans and task definitions in which each part could be compared with all others, by their number."""

from __future__ import annotations

import json

from tests.proof.slow_input_files import ACCOUNT, ARN, Files, allow, plan, policy_file, task_definition
from tests.proof.slow_input_files import document as policy


def wild_actions(size: int) -> Files:
    sides = ([f"s3:Get*{side}{number}" for number in range(size)] for side in "ab")
    return plan(*(policy(allow(actions)) for actions in sides))


def wild_resources(size: int) -> Files:
    sides = ([f"arn:aws:s3:::*{side}{number}*" for number in range(size)] for side in "ab")
    return plan(*(policy(allow(resource=resources)) for resources in sides))


def statement_actions(size: int) -> Files:
    sides = ([allow(f"s3:Get{number}{side}*", "*") for number in range(size)] for side in "ab")
    return plan(*(policy(*side) for side in sides))


def condition_values(size: int) -> Files:
    sides = ([f"{side}{number}" for number in range(size)] for side in "ab")
    return plan(*(policy(allow(Condition={"StringEquals": {"aws:PrincipalTag/a": side}})) for side in sides))


def not_actions(size: int) -> Files:
    sides = ([f"s3:{verb}*{number}" for number in range(size)] for verb in ("Get", "Put"))
    return plan(
        *(policy(*({"Effect": "Allow", "NotAction": action, "Resource": "*"} for action in side)) for side in sides)
    )


def conditions(size: int) -> Files:
    sides = (
        [
            allow(resource="*", Condition={"StringLike": {"aws:PrincipalTag/a": f"{side}{number}*"}})
            for number in range(size)
        ]
        for side in "ab"
    )
    return plan(*(policy(*side) for side in sides))


def condition_keys(size: int) -> Files:
    sides = ({f"aws:RequestTag/{side}{number}": "x" for number in range(size)} for side in "ab")
    return plan(*(policy(allow(Condition={"StringEquals": side})) for side in sides))


def denied_others(size: int) -> Files:
    sides = (
        [{"Effect": "Deny", "Action": "s3:*", "NotResource": f"arn:aws:s3:::{side}{i}*"} for i in range(size)]
        for side in "ab"
    )
    return plan(*(policy(allow("s3:*"), *side) for side in sides))


def secrets_and_policy(size: int, resource: str, suffix: str = "") -> Files:
    secrets = [{"name": f"S{number}", "valueFrom": f"{ARN}-{number}{suffix}"} for number in range(size)]
    statements = (allow("secretsmanager:GetSecretValue", resource.format(number)) for number in range(size))
    return {**task_definition({"secrets": secrets}), "policy.json": json.dumps(policy(*statements))}


def log_groups_and_policy(size: int) -> Files:
    """Return containers with a log group each, whose streams have names of any length, and a statement for each."""
    groups = [f"/app/{number}" for number in range(size)]
    shared = {"awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"}
    logs = [{"logDriver": "awslogs", "options": {**shared, "awslogs-group": group}} for group in groups]
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    streams = (f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{group}:log-stream:*" for group in groups)
    statements = (allow(actions, stream) for stream in streams)
    return {
        **task_definition(*({"logConfiguration": log} for log in logs)),
        "policy.json": json.dumps(policy(*statements)),
    }


def waiting(size: int) -> Files:
    """Return containers that each wait for the next, none essential; and a policy."""
    waits = ([{"containerName": f"c{number + 1}", "condition": "SUCCESS"}] for number in range(size))
    containers = ({"essential": False, "dependsOn": dependencies} for dependencies in waits)
    return {**policy_file(allow()), **task_definition({"name": "last"}, *containers)}


def blocks(size: int) -> Files:
    """Return a plan with a finding, and the source of many resources."""
    wide = plan(None, policy(allow("s3:PutObject", "*")))
    return {
        **wide,
        "main.tf": "".join(f'resource "aws_iam_role_policy" "p{number}" {{\n}}\n' for number in range(size)),
    }


def wild_bombs(size: int) -> Files:
    sides = (f"arn:aws:s3:::{'a*b?' * size}*b", f"arn:aws:s3:::{'a?*b*' * size}*b")
    return plan(*(policy(*(allow(resource=f"{side}{number}") for number in range(6))) for side in sides))
