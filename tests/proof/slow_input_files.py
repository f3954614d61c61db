"""Files of possibly slow inputs: each function returns the files, by name, of an input of a size."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT = "111122223333"
ARN = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:app"

Files = dict[str, str]


def roles_file(*roles: dict[str, Any], **top: Any) -> Files:
    """Return a roles.yaml of a stack with these roles."""
    named = {f"role{number}": {"kind": "task", **role} for number, role in enumerate(roles)}
    stack = {"region": "eu-west-1", "account": ACCOUNT, "roles": named}
    return {"roles.yaml": json.dumps({"version": 1, **top, "stacks": {"main": stack}})}


def task_definition(*containers: dict[str, Any], **top: Any) -> Files:
    """Return a task definition with these containers."""
    named = [{"name": f"c{number}", "image": "nginx", **container} for number, container in enumerate(containers)]
    return {"task.json": json.dumps({"family": "app", "containerDefinitions": named, **top})}


def policy_file(*statements: dict[str, Any]) -> Files:
    """Return a task definition, and a policy of its execution role to check."""
    secrets = [{"name": "KEY", "valueFrom": f"{ARN}-a1B2c3"}]
    return {**task_definition({"secrets": secrets}), "policy.json": json.dumps(document(*statements))}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a trust policy, by default that of ECS tasks."""
    ecs = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    return document(*(statements or (ecs,)))


def plan(before: dict[str, Any] | None, after: dict[str, Any], *, trust_after: dict[str, Any] | None = None) -> Files:
    """Return a plan that changes the inline policy, and perhaps the trust policy, of a role."""
    changed = trust_after or trust()
    changes = [role_change("r", trust(), changed), policy_change("r", before, after)]
    return plan_of(changes)


def plan_of(changes: list[Any], **more: Any) -> Files:
    """Return a plan of these changes of resources."""
    data = {"format_version": "1.2", "terraform_version": "1.10.0", "resource_changes": changes}
    return {"plan.json": json.dumps({**data, "configuration": {}, **more})}


def role_change(name: str, before: Any, after: Any) -> dict[str, Any]:
    """Return the change of a role's trust policy."""
    fixed = {"name": name, "path": "/", "id": name, "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
    sides = [{**fixed, "assume_role_policy": json.dumps(policy)} for policy in (before, after)]
    return change("aws_iam_role", name, *sides)


def policy_change(role: str, before: Any, after: Any) -> dict[str, Any]:
    """Return the change of a role's inline policy."""
    sides = [
        None if policy is None else {"name": "p", "role": role, "policy": json.dumps(policy)}
        for policy in (before, after)
    ]
    return change("aws_iam_role_policy", f"{role}_p", *sides)


def change(type_: str, name: str, before: Any, after: Any) -> dict[str, Any]:
    """Return the change of a resource."""
    actions = ["create"] if before is None else ["no-op"] if before == after else ["update"]
    inside = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    return {"address": f"{type_}.{name}", "type": type_, "name": name, "mode": "managed", "change": inside}
