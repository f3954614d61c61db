"""Measures `check`: many tasks against one role, many tasks against many statements, and a rewritten policy."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.derive import ACCOUNT, REGION, ROOT
from bench.processes import Cost, marked, median, run
from bench.report import Row, Section
from bench.sizes import repeated, sized
from bench.targets import time_target

TASKS, STATEMENTS, SECRETS = 1_000, 100, 20
TIMES = 3
PLACE = ("--region", REGION, "--account", ACCOUNT)


def service(number: int, secrets: int = 3) -> Mapping[str, Any]:
    """Return a task definition with one container, its own image, a number of secrets and a log group."""
    options = {"awslogs-group": f"/svc{number}", "awslogs-region": REGION, "awslogs-stream-prefix": "ecs"}
    container = {
        "name": "web",
        "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/svc{number}:1",
        "secrets": [{"name": f"S{index}", "valueFrom": arn} for index, arn in enumerate(_secrets(number, secrets))],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    role = f"arn:aws:iam::{ACCOUNT}:role/svc"
    return {"family": f"svc{number}", "executionRoleArn": role, "containerDefinitions": [container]}


def _secrets(number: int, secrets: int) -> list[str]:
    name = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:svc{number}"
    return [f"{name}/s{index}-a1B2c3" for index in range(secrets)]


def policy(statements: int, secrets: int = 3) -> Mapping[str, Any]:
    """Return a policy with a number of statements, each on the secrets, the log group or the image of one service."""
    permissions: list[tuple[str, str | list[str]]] = [("ecr:GetAuthorizationToken", "*")]
    for number in range((statements + 1) // 3):
        permissions += [
            ("secretsmanager:GetSecretValue", _secrets(number, secrets)),
            ("logs:*", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/svc{number}:*"),
            ("ecr:*", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/svc{number}"),
        ]
    return document(permissions[:statements])


def document(permissions: Sequence[tuple[str, str | list[str]]]) -> Mapping[str, Any]:
    """Return a policy document with a statement for each action and its resources."""
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in permissions]
    return {"Version": "2012-10-17", "Statement": statements}


def rewritten_policy_plan(statements: int) -> Mapping[str, Any]:
    """Return a plan that replaces every statement of an inline policy."""
    before, after = (
        {
            "name": "own",
            "role": "web",
            "policy": json.dumps(
                document([("s3:GetObject", f"arn:aws:s3:::bucket-{number}/{side}/*") for number in range(statements)])
            ),
        }
        for side in "ab"
    )
    change = {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}
    resource = {"address": "aws_iam_role_policy.web", "mode": "managed", "type": "aws_iam_role_policy", "name": "web"}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [{**resource, "change": change}],
        "configuration": {"root_module": {}},
    }


def measure() -> Section:
    """Return the costs of checking many tasks, and of reviewing a policy with only new statements."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        costs = {
            f"check, {TASKS:,} tasks, one role of {STATEMENTS // 25} statements": _check(
                place, TASKS, STATEMENTS // 25
            ),
            f"check, {STATEMENTS} tasks of {SECRETS} secrets, {STATEMENTS} statements": _check(
                place, STATEMENTS, STATEMENTS, SECRETS
            ),
            f"compare {TASKS:,} statements, all different": _compare(place, TASKS),
        }
    limits = (1.0, 3.0, 1.0)
    return Section(
        "Checking tasks",
        "Whole processes: `taskrole check` of task definitions in files of their own against a policy file, and\n"
        "`taskrole review` of a plan that replaces every statement of a policy (`bench.check`).",
        ("seconds", "MB"),
        [Row(name, (marked(cost), f"{cost.megabytes:.0f}"), "python -m bench check") for name, cost in costs.items()],
        [time_target(name, cost, limit) for (name, cost), limit in zip(costs.items(), limits, strict=True)],
    )


def _check(place: Path, tasks: int, statements: int, secrets: int = 3) -> Cost:
    folder = place / f"{tasks}-{statements}"
    folder.mkdir()
    for number in range(sized(tasks)):
        (folder / f"{number}.json").write_text(json.dumps(service(number, secrets)), encoding="utf-8")
    file = place / f"{tasks}-{statements}.json"
    file.write_text(json.dumps(policy(statements, secrets)), encoding="utf-8")
    command = ["check", str(folder), "--role", str(file), *PLACE, "--format", "json"]
    return _median(command)


def _compare(place: Path, statements: int) -> Cost:
    plan = place / "plan.json"
    plan.write_text(json.dumps(rewritten_policy_plan(sized(statements))), encoding="utf-8")
    return _median(["review", str(plan), "--format", "json", "--fail-on", "never"])


def _median(arguments: list[str]) -> Cost:
    # A check exits with 3 if permissions are missing, which is a valid result.
    command = [sys.executable, "-m", "taskrole", *arguments]
    return median([run(command, cwd=ROOT, codes=(0, 3)) for _ in range(repeated(TIMES))])
