"""Reports of single accounts as `taskrole audit --format json` writes them, of invented accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from taskrole.arns import Context
from taskrole.live.account import Account, EcsService
from taskrole.live.audit import audit
from taskrole.live.audit_json import audit_json
from taskrole.policy.documents.policy import Policy
from taskrole.role import Role
from taskrole.taskdef import Options

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def audited(
    account: str, region: str = "eu-west-1", *, lacks: bool = False, families: int = 1, secrets: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the report on an account with a role that allows too much, or that `lacks` what its tasks need.

    With `secrets` the role may only read these.
    """
    context = Context("aws", region, account)
    arn = f"arn:aws:iam::{account}:role/execution"
    actions = ["s3:GetObject"] if lacks else ["secretsmanager:GetSecretValue", "s3:GetObject", "s3:PutObject"]
    own = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    if secrets:
        own = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": list(secrets)}
    document = {"Version": "2012-10-17", "Statement": [own]}
    role = Role("execution", "execution", name="execution", trust=TRUST, policies=(Policy("p", "inline", document),))
    base = f"arn:aws:ecs:{region}:{account}:task-definition/web"
    arns = [f"{base}-{number}:1" for number in range(families)]
    secret = f"arn:aws:secretsmanager:{region}:{account}:secret:web-AbCdEf"
    container = {"name": "web", "image": "nginx", "secrets": [{"name": "S", "valueFrom": secret}]}
    task_definitions = {
        task_definition: {
            "taskDefinitionArn": task_definition,
            "family": task_definition.rpartition("/")[2].rpartition(":")[0],
            "executionRoleArn": arn,
            "containerDefinitions": [container],
        }
        for task_definition in arns
    }
    services = tuple(
        EcsService(f"prod/{task_definition.rpartition('/')[2].rpartition(':')[0]}", (task_definition,))
        for task_definition in arns
    )
    read = Account(context, ("prod",), services, task_definitions, {arn: role}, {})
    data: dict[str, Any] = json.loads(audit_json(audit(read, Options(kms_keys={"*": "aws-owned"}))))
    return data


def write(folder: Path, name: str, data: Any) -> str:
    """Write a report to a file, and return its name."""
    (folder / name).write_text(json.dumps(data))
    return name
