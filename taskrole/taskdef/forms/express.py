"""The form: Express services, input of `create-express-gateway-service` or output of its describe counterpart.

ECS creates the task definition of an Express service, with its single container.
Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.errors import quote
from taskrole.finding import Finding
from taskrole.taskdef.forms.form import Form, Pointer, Pointers, Source, SourceDefinition, is_object_with
from taskrole.taskdef.rule import API, FieldRule
from taskrole.taskdef.shape import ListOf, Record, Scalar
from taskrole.taskdef.values.values import Values

_TEXT = Scalar.TEXT

EXPRESS_SERVICE = Record(
    {
        "serviceName": _TEXT,
        "serviceArn": _TEXT,
        "executionRoleArn": _TEXT,
        "taskRoleArn": _TEXT,
        "infrastructureRoleArn": _TEXT,
        "taskDefinitionArn": _TEXT,
        "region": _TEXT,
        "primaryContainer": Record(
            {
                "image": _TEXT,
                "awsLogsConfiguration": Record({"logGroup": _TEXT, "logStreamPrefix": _TEXT}),
                "repositoryCredentials": Record({"credentialsParameter": _TEXT}),
                "environment": ListOf(Record({"name": _TEXT, "value": _TEXT})),
                "secrets": ListOf(Record({"name": _TEXT, "valueFrom": _TEXT})),
            }
        ),
    }
)

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExpressGatewayServiceAwsLogsConfiguration.html
_CONTAINER_NAME = "Main"
_DEFAULT_PREFIX = "ecs"
_LOG_OPTIONS = "/containerDefinitions/0/logConfiguration/options"
_POINTERS = Pointers(
    {
        "/family": "/serviceName",
        "/containerDefinitions/0": "/primaryContainer",
        "/containerDefinitions/0/logConfiguration": "/primaryContainer/awsLogsConfiguration",
        _LOG_OPTIONS: "/primaryContainer/awsLogsConfiguration",
        f"{_LOG_OPTIONS}/awslogs-group": "/primaryContainer/awsLogsConfiguration/logGroup",
        f"{_LOG_OPTIONS}/awslogs-stream-prefix": "/primaryContainer/awsLogsConfiguration/logStreamPrefix",
    }
)


def express_definition(
    name: str, service: Any, pointer: Pointer, findings: tuple[Finding, ...] = (), used: frozenset[str] = frozenset()
) -> SourceDefinition:
    """Return the task definition of an Express service; `pointer` leads from the service to the user's document."""
    notes = tuple(_notes(service, pointer)) if isinstance(service, Mapping) else ()
    return SourceDefinition(name, _definition(service), lambda own: pointer(_POINTERS(own)), (*findings, *notes), used)


def _definition(service: Any) -> Any:
    if not isinstance(service, Mapping):
        return service
    container = service.get("primaryContainer")
    names = {"serviceName": "family", "executionRoleArn": "executionRoleArn", "taskRoleArn": "taskRoleArn"}
    return {
        **{name: service[key] for key, name in names.items() if key in service},
        **({"taskDefinitionArn": service["serviceArn"]} if "serviceArn" in service else {}),
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [
            _container(container, _region(service)) if isinstance(container, Mapping) else container
        ],
    }


def _region(service: Mapping[str, Any]) -> str:
    """Return the region of a service, which its containers log to; a placeholder if it is not known."""
    parts = str(service.get("serviceArn", "")).split(":")
    return str(service.get("region") or (parts[3] if len(parts) > 5 else "") or "${AWS::Region}")


def _container(primary: Mapping[str, Any], region: str) -> dict[str, Any]:
    fields = ("image", "repositoryCredentials", "environment", "secrets")
    container = {"name": _CONTAINER_NAME, **{key: primary[key] for key in fields if key in primary}}
    logs = primary.get("awsLogsConfiguration")
    if isinstance(logs, Mapping):
        container["logConfiguration"] = {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs.get("logGroup"),
                "awslogs-region": region,
                "awslogs-stream-prefix": logs.get("logStreamPrefix") or _DEFAULT_PREFIX,
            },
        }
    return container


def _notes(service: Mapping[str, Any], pointer: Pointer) -> Iterator[Finding]:
    role = service.get("infrastructureRoleArn")
    if role is not None:
        message = (
            f"is not derived here: the role {quote(role)} manages load balancers and security groups; attach AWS's"
            " policy service-role/AmazonECSInfrastructureRoleforExpressGatewayServices"
        )
        yield Finding("INFRASTRUCTURE-ROLE", "note", pointer("/infrastructureRoleArn"), message)
    container = service.get("primaryContainer")
    if isinstance(container, Mapping) and not container.get("awsLogsConfiguration"):
        message = "has no awsLogsConfiguration, so ECS chooses the log group, which is not known; set it"
        yield Finding("EXPRESS-LOGS", "warning", pointer("/primaryContainer"), message)


def _is_described(data: Any) -> bool:
    return is_object_with(data, "service") and is_object_with(data["service"], "activeConfigurations")


def _recognizes(data: Any) -> bool:
    return _is_described(data) or is_object_with(data, "primaryContainer")


def _read(source: Source, _: Values) -> Iterator[SourceDefinition]:
    if not _is_described(source.data):
        yield express_definition("", source.data, lambda own: own)
        return
    service = source.data["service"]
    configurations = service["activeConfigurations"]
    for index, configuration in enumerate(configurations if isinstance(configurations, list) else ()):
        beginning = f"/service/activeConfigurations/{index}"
        pointers = Pointers(
            {"": beginning, **{f"/{key}": f"/service/{key}" for key in ("serviceName", "infrastructureRoleArn")}}
        )
        name = beginning if len(configurations) > 1 else ""
        shared = {key: service[key] for key in ("serviceName", "serviceArn", "infrastructureRoleArn") if key in service}
        data = {**configuration, **shared} if isinstance(configuration, Mapping) else configuration
        yield express_definition(name, data, pointers)


RULES = (
    FieldRule(
        "EXPRESS-LOGS",
        "note",
        "An Express service that names no log group logs to one that ECS chooses",
        "primaryContainer.awsLogsConfiguration",
        f"{API}/API_ExpressGatewayContainer.html",
        verified=False,
        note="Which group ECS chooses is not documented.",
        unseen=True,
    ),
)

FORMS = (Form("an Express service", _recognizes, _read, "is an Express service without an active configuration"),)
