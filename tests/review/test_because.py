"""Why a role needs what it gains: only of the actions that a task definition needs, of each access level apart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.review.cases import NOTHING, allow, inline_change, plan_of, policy, reviewed, role_change, task_change

A = "123456789012"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{A}:secret:prod/db-a1b2c3"
IMAGE = f"{A}.dkr.ecr.eu-central-1.amazonaws.com/web:1"
TASK = "aws_ecs_task_definition.web/containerDefinitions/0"
WHY_SECRET = f"container 'web' gets it as DB ({TASK}/secrets/0/valueFrom)"
WHY_LOGIN = f"container 'web' pulls from ECR, and logs in first ({TASK}/image)"
WHY_PULL = f"container 'web' pulls web ({TASK}/image)"
REST = "no task in this plan needs the rest"
GET, PUT = "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"
LOGIN, PULL = "ecr:GetAuthorizationToken", "ecr:BatchGetImage"


def whys(statement: dict[str, Any]) -> dict[tuple[str, ...], str]:
    """Return why each row is needed that a role gains, of which a task gets a secret and an image."""
    container = {"image": IMAGE, "secrets": [{"name": "DB", "valueFrom": SECRET}]}
    plan = plan_of(role_change(), inline_change(NOTHING, policy(statement)), task_change(container))
    (role,) = reviewed(plan).roles
    return {row.actions: row.because for row in role.added}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(allow(GET, SECRET), {(GET,): WHY_SECRET}, id="what is needed"),
        pytest.param(allow(PUT, SECRET), {(PUT,): ""}, id="what is not"),
        pytest.param(allow([GET, PUT], SECRET), {(PUT,): "", (GET,): WHY_SECRET}, id="two levels, one needed"),
        pytest.param(allow(GET, f"{SECRET}x"), {(GET,): ""}, id="another resource"),
        pytest.param(
            allow([GET, "secretsmanager:DescribeSecret"], SECRET),
            {("secretsmanager:DescribeSecret", GET): f"{GET}: {WHY_SECRET}; {REST}"},
            id="one level, one needed",
        ),
        pytest.param(
            allow([LOGIN, PULL], "*"), {(PULL, LOGIN): f"{LOGIN}: {WHY_LOGIN}; {PULL}: {WHY_PULL}"}, id="two reasons"
        ),
        pytest.param(
            allow("secretsmanager:*", SECRET),
            {("secretsmanager:*",): f"{GET}: {WHY_SECRET}; {REST}"},
            id="more than is needed",
        ),
    ],
)
def test_only_actions_that_a_task_definition_needs_get_its_reason(statement, expected) -> None:
    assert whys(statement) == expected
