"""Tests that the policies of a role are compiled once for a check."""

from __future__ import annotations

import time
from typing import Any

import pytest

from taskrole.check import Assignment, CheckReport, check_tasks
from taskrole.taskdef import Options
from taskrole.taskdef.features.keys import AWS_OWNED, EVERYTHING
from taskrole.taskdef.read import parse_document
from tests.check.scenarios import CONTEXT, LOGIN, allow, subject

PLACE = f"{CONTEXT.region}:{CONTEXT.account}"


def task(number: int) -> dict[str, Any]:
    options = {"awslogs-group": f"/svc{number}", "awslogs-region": CONTEXT.region, "awslogs-stream-prefix": "x"}
    # Without their suffixes, so that the calls are on patterns.
    secrets = [f"arn:aws:secretsmanager:{PLACE}:secret:svc{number}/s{index}" for index in range(3)]
    container = {
        "name": "web",
        "image": f"{CONTEXT.account}.dkr.ecr.{CONTEXT.region}.amazonaws.com/svc{number}:1",
        "secrets": [{"name": f"S{index}", "valueFrom": secret} for index, secret in enumerate(secrets)],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    return {"family": f"svc{number}", "containerDefinitions": [container]}


def statement(number: int) -> dict[str, Any]:
    services = range(number - number % 4, number - number % 4 + 4)
    if number % 4 == 0:
        secrets = [
            f"arn:aws:secretsmanager:{PLACE}:secret:svc{service}/s{index}-??????"
            for service in services
            for index in "012"
        ]
        return allow("secretsmanager:GetSecretValue", secrets)
    if number % 4 == 1:
        return allow("logs:CreateLogGroup", [f"arn:aws:logs:{PLACE}:log-group:/svc{service}*" for service in services])
    if number % 4 == 2:
        groups = [f"arn:aws:logs:{PLACE}:log-group:/svc{service}:*" for service in services]
        return allow(["logs:CreateLogStream", "logs:PutLogEvents"], groups)
    images = [f"arn:aws:ecr:{PLACE}:repository/svc{service}" for service in services]
    return allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], images)


AWS_KEYS = Options(kms_keys={EVERYTHING: AWS_OWNED})


def checked(tasks: int, statements: int) -> CheckReport:
    role = subject("r", LOGIN, *map(statement, range(statements)))
    documents = [parse_document(task(number), f"{number}.json") for number in range(tasks)]
    assignments = [Assignment(document.file, "execution", role) for document in documents]
    return check_tasks(documents, CONTEXT, {"execution": AWS_KEYS, "task": AWS_KEYS}, assignments)


@pytest.mark.slow
def test_a_hundred_tasks_with_a_hundred_statements_are_checked_in_seconds() -> None:
    begin = time.process_time()

    report = checked(tasks=100, statements=100)

    # It takes one second; if each call compiled every statement again, a minute.
    assert time.process_time() - begin < 12
    assert (report.count("MISSING"), report.count("unknown")) == (0, 0)
