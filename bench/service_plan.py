"""A plan with services in Terraform's format: for each, a role, its policy and a task definition, in all four parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.derive import ACCOUNT, REGION

PROVIDER = "registry.terraform.io/hashicorp/aws"
SECRETS = 4
_SECRET = "aws_secretsmanager_secret"  # noqa: S105 -- the type
_TYPES = ("aws_ecs_task_definition", "aws_iam_role", "aws_iam_role_policy")


def service_plan(services: int) -> Mapping[str, Any]:
    """Return a plan that changes a number of services: a new image, and one secret more or less in the role's policy.

    Every fourth service is new: its ARNs are known only after the apply, and its configuration refers to them.
    """
    numbers = range(services)
    olds = [number for number in numbers if not is_new(number)]
    before = [resource for number in olds for resource in _resources(number, _secrets(number, after=False), "1")]
    after = [resource for number in olds for resource in _resources(number, _secrets(number, after=True), "2")]
    created = [resource for number in numbers if is_new(number) for resource in _created(number)]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [*after, *(resource for resource, _ in created)]}},
        "resource_changes": [
            *(_change(*sides) for sides in zip(before, after, strict=True)),
            *(_creation(resource, unknown) for resource, unknown in created),
        ],
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.11.4",
            "values": {"root_module": {"resources": before}},
        },
        "configuration": {
            "provider_config": {
                "aws": {
                    "name": "aws",
                    "full_name": PROVIDER,
                    "expressions": {"region": {"constant_value": REGION}},
                }
            },
            "root_module": {"resources": [resource for number in numbers for resource in _configured(number)]},
        },
        "complete": True,
        "applyable": True,
        "errored": False,
    }


def is_new(number: int) -> bool:
    """Return whether a service is created by the plan."""
    return number % 4 == 3


def _secrets(number: int, *, after: bool) -> list[str]:
    """Return the secrets of a service's policy: those of even numbers gain one, the others lose one."""
    size = SECRETS if (number % 2 == 0) == after else SECRETS - 1
    return _arns(number, size)


def _arns(number: int, size: int) -> list[str]:
    return [f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:service-{number}/{key}-a1B2c3" for key in range(size)]


def _resources(number: int, secrets: Sequence[str], version: str) -> list[Mapping[str, Any]]:
    name = f"service-{number}"
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    task = {
        "arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{name}:{version}",
        "container_definitions": json.dumps(
            [_container(number, version, _arns(number, SECRETS - 1))], separators=(",", ":")
        ),
        "cpu": "256",
        "ephemeral_storage": [],
        "execution_role_arn": role,
        "family": name,
        "id": name,
        "ipc_mode": "",
        "memory": "512",
        "network_mode": "awsvpc",
        "placement_constraints": [],
        "proxy_configuration": [],
        "requires_compatibilities": ["FARGATE"],
        "revision": int(version),
        "runtime_platform": [],
        "skip_destroy": False,
        "tags": {"service": name},
        "tags_all": {"service": name},
        "task_role_arn": "",
        "volume": [],
    }
    iam = {
        "arn": role,
        "assume_role_policy": _document(
            _statement("sts:AssumeRole", Principal={"Service": "ecs-tasks.amazonaws.com"}),
        ),
        "description": "",
        "force_detach_policies": False,
        "id": name,
        "inline_policy": [],
        "managed_policy_arns": [],
        "max_session_duration": 3600,
        "name": name,
        "path": "/",
        "permissions_boundary": "",
        "tags": {"service": name},
        "tags_all": {"service": name},
        "unique_id": f"AROAEXAMPLE{number:010}",
    }
    policy = {"id": f"{name}:own", "name": "own", "policy": _policy(number, secrets), "role": name}
    return [_resource(kind, number, values) for kind, values in zip(_TYPES, (task, iam, policy), strict=True)]


def _container(number: int, version: str, secrets: Sequence[str]) -> Mapping[str, Any]:
    options = {
        "awslogs-group": f"/ecs/service-{number}",
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "ecs",
    }
    return {
        "name": "web",
        "essential": True,
        "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/service-{number}:{version}.0",
        "environment": [{"name": f"SETTING_{setting}", "value": f"value {setting}"} for setting in range(5)],
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "secrets": [{"name": f"SECRET_{index}", "valueFrom": secret} for index, secret in enumerate(secrets)],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
        "mountPoints": [],
        "volumesFrom": [],
    }


def _policy(number: int, secrets: Sequence[str]) -> str:
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/service-{number}:*"
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/service-{number}"
    images = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return _document(
        _statement("ecr:GetAuthorizationToken", Resource="*"),
        _statement(images, Resource=repository),
        _statement(["logs:CreateLogStream", "logs:PutLogEvents"], Resource=group),
        _statement("secretsmanager:GetSecretValue", Resource=secrets),
    )


def _statement(actions: str | Sequence[str], **elements: Any) -> Mapping[str, Any]:
    return {"Effect": "Allow", "Action": actions, **elements}


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Statement": statements, "Version": "2012-10-17"}, separators=(",", ":"))


def _resource(kind: str, number: int, values: Mapping[str, Any]) -> Mapping[str, Any]:
    sensitive = {key: type(value)() for key, value in values.items() if isinstance(value, (list, dict))}
    return {
        "address": f"{kind}.service_{number}",
        "mode": "managed",
        "type": kind,
        "name": f"service_{number}",
        "provider_name": PROVIDER,
        "schema_version": 0,
        "values": values,
        "sensitive_values": sensitive,
    }


def _change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any]:
    was, will_be, sensitive = before["values"], after["values"], after["sensitive_values"]
    actions, unknown = (["no-op"] if was == will_be else ["update"]), {}
    if after["type"] == "aws_ecs_task_definition":
        actions, unknown = ["delete", "create"], {"arn": True, "id": True, "revision": True}
    return {
        **{key: after[key] for key in ("address", "mode", "type", "name", "provider_name")},
        "change": {
            "actions": actions,
            "before": was,
            "after": {key: value for key, value in will_be.items() if key not in unknown},
            "after_unknown": unknown,
            "before_sensitive": before["sensitive_values"],
            "after_sensitive": sensitive,
        },
    }


def _created(number: int) -> Iterator[tuple[Mapping[str, Any], Mapping[str, bool]]]:
    """Yield the resources of a new service, each with the attributes that are known only after the apply."""
    unknown = {
        "aws_ecs_task_definition": ("arn", "container_definitions", "execution_role_arn", "id", "revision"),
        "aws_iam_role": ("arn", "id", "unique_id"),
        "aws_iam_role_policy": ("id", "policy"),
    }
    secret = _resource(_SECRET, number, {"name": f"service-{number}", "recovery_window_in_days": 7})
    yield secret, {"arn": True, "id": True}
    for resource in _resources(number, [], "1"):
        names = unknown[resource["type"]]
        values = {key: value for key, value in resource["values"].items() if key not in names}
        yield {**resource, "values": values}, dict.fromkeys(names, True)


def _creation(resource: Mapping[str, Any], unknown: Mapping[str, bool]) -> Mapping[str, Any]:
    return {
        **{key: resource[key] for key in ("address", "mode", "type", "name", "provider_name")},
        "change": {
            "actions": ["create"],
            "before": None,
            "after": resource["values"],
            "after_unknown": unknown,
            "before_sensitive": False,
            "after_sensitive": resource["sensitive_values"],
        },
    }


def _configured(number: int) -> Iterator[Mapping[str, Any]]:
    name = f"service_{number}"
    role, secret = f"aws_iam_role.{name}", f"{_SECRET}.{name}"
    containers: Mapping[str, Any] = {}
    policy: Mapping[str, Any] = {}
    if is_new(number):
        # JSON configurations have templates as expressions.
        reference = {"references": [f"{secret}.arn", secret]}
        container = _container(number, "1", [f"${{{secret}.arn}}"])
        containers = {"constant_value": json.dumps([container]), **reference}
        policy = {"constant_value": _policy(number, [f"${{{secret}.arn}}"]), **reference}
        yield _configuration(_SECRET, number, {"name": {"constant_value": f"service-{number}"}})
    task = {
        "container_definitions": containers,
        "execution_role_arn": _reference(role, "arn", is_template=is_new(number)),
        "family": {"constant_value": f"service-{number}"},
    }
    iam = {"assume_role_policy": {}, "name": {"constant_value": f"service-{number}"}}
    own = {
        "name": {"constant_value": "own"},
        "policy": policy,
        "role": _reference(role, "name", is_template=is_new(number)),
    }
    for kind, expressions in zip(_TYPES, (task, iam, own), strict=True):
        yield _configuration(kind, number, expressions)


def _reference(address: str, attribute: str, *, is_template: bool) -> Mapping[str, Any]:
    template = {"constant_value": f"${{{address}.{attribute}}}"} if is_template else {}
    return {**template, "references": [f"{address}.{attribute}", address]}


def _configuration(kind: str, number: int, expressions: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "address": f"{kind}.service_{number}",
        "mode": "managed",
        "type": kind,
        "name": f"service_{number}",
        "provider_config_key": "aws",
        "schema_version": 0,
        "expressions": expressions,
    }
