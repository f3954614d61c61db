"""Fills an embedded AWS with running services, like an account of some years."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from taskrole.local.environment import REGION
from tests.e2e.console import TRUST, WORKSHOP_POLICIES, click_role

ACCOUNT = "123456789012"
WORKSHOP_ROLE = "ecsTaskExecutionRole"


def secret(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def container(image: str, *secrets: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "app",
        "image": image,
        "memory": 128,
        "secrets": [{"name": f"S{number}", "valueFrom": arn} for number, arn in enumerate(secrets)],
        **more,
    }


def register(ecs: Any, family: str, definition: dict[str, Any], execution: str = "", task: str = "") -> str:
    roles = {"executionRoleArn": execution, "taskRoleArn": task}
    answer = ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[definition],
        **{key: role_arn(name) if ":" not in name else name for key, name in roles.items() if name},
    )
    arn: str = answer["taskDefinition"]["taskDefinitionArn"]
    return arn


def serve(ecs: Any, cluster: str, name: str, task_definition: str, **more: Any) -> None:
    ecs.create_service(cluster=cluster, serviceName=name, taskDefinition=task_definition, desiredCount=1, **more)


def ecr(name: str) -> str:
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1"


def fill(client: Callable[[str], Any], services: int) -> None:
    """Create services in four clusters, each with its own family and secret, all with the role of the workshop."""
    iam, ecs = client("iam"), client("ecs")
    click_role(iam, WORKSHOP_ROLE)
    for number in range(4):
        ecs.create_cluster(clusterName=f"cluster-{number}")
    for number in range(services):
        defined = container(ecr(f"shop/{number}"), secret(f"shop/{number}"))
        arn = register(ecs, f"shop-{number}", defined, WORKSHOP_ROLE)
        serve(ecs, f"cluster-{number % 4}", f"shop-{number}", arn)


def small(client: Callable[[str], Any]) -> None:
    """Create a service of each kind that an audit reports."""
    iam, ecs = client("iam"), client("ecs")
    click_role(iam, WORKSHOP_ROLE)
    click_role(iam, "bare", TRUST, WORKSHOP_POLICIES[:1])
    click_role(iam, "app", TRUST, ())
    click_role(iam, "ofLambda", json.loads(json.dumps(TRUST).replace("ecs-tasks", "lambda")), WORKSHOP_POLICIES)
    ecs.create_cluster(clusterName="prod")
    ecs.create_cluster(clusterName="test")
    password = [{"name": "PASSWORD", "value": "correct horse"}]
    web = register(ecs, "web", container(ecr("web"), secret("web"), environment=password), WORKSHOP_ROLE, "app")
    serve(ecs, "prod", "web", web)
    serve(ecs, "test", "web", web)
    serve(ecs, "prod", "job", register(ecs, "job", container(ecr("job"), secret("job")), WORKSHOP_ROLE, WORKSHOP_ROLE))
    serve(ecs, "prod", "lacks", register(ecs, "lacks", container(ecr("lacks"), secret("lacks")), "bare"))
    serve(ecs, "prod", "none", register(ecs, "none", container(ecr("none"))))
    serve(ecs, "prod", "gone", register(ecs, "gone", container(ecr("gone")), "deletedRole"))
    foreign = "arn:aws:iam::999999999999:role/theirs"
    serve(ecs, "prod", "foreign", register(ecs, "foreign", container(ecr("foreign")), foreign))
    serve(ecs, "prod", "lambda", register(ecs, "lambda", container(ecr("lambda")), "ofLambda"))
    plain = register(ecs, "plain", container("nginx"), "", "app")
    serve(ecs, "test", "plain", plain, enableExecuteCommand=True)
