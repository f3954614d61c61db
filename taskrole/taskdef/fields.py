"""The fields of a task definition that say anything about permissions, and the shape of each.

All others (cpu, ports, health checks …) imply nothing and are left out when a document is read.
Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from taskrole.taskdef.shape import Hint, ListOf, MapOf, Record, Scalar

_TEXT, _RESOLVED, _FLAG = Scalar.TEXT, Scalar.RESOLVED, Scalar.FLAG

# Variables by which sidecars are told what they are; the names of all others are the application's affair.
READ_VARIABLES = ("aws_fluent_bit_init_", "APPMESH_VIRTUAL_NODE_NAME", "MANAGED_INSTANCE_ROLE_NAME")

# Of these variables the values are read; of the others in READ_VARIABLES only that they are there.
VARIABLES_WITH_VALUES = re.compile(r"aws_fluent_bit_init_s3_.*|APPMESH_VIRTUAL_NODE_NAME|MANAGED_INSTANCE_ROLE_NAME")

# The options of log drivers that are read. Reading a document empties all others, so that a feature that reads one
# which is not in the list gets nothing.
LOG_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "awslogs": ("awslogs-create-group", "awslogs-group", "awslogs-region", "awslogs-stream-prefix"),
    "awsfirelens": (
        "@type",
        "auto_create_group",
        "aws_auth",
        "aws_role_arn",
        "aws_service_name",
        "bucket",
        "delivery_stream",
        "host",
        "log_group_name",
        "log_retention_days",
        "name",
        "region",
        "role_arn",
        "stream",
    ),
}
# Of these options only counts that they are there.
PRESENT_LOG_OPTIONS = ("@type", "log_retention_days")
_ROUTER_OPTIONS = ("config-file-type", "config-file-value")


def _is_read_variable(variable: Mapping[str, Any]) -> bool:
    name = variable.get("name")
    return isinstance(name, str) and name.startswith(READ_VARIABLES)


_OPTIONS = MapOf(_TEXT, frozenset(name for names in LOG_OPTIONS.values() for name in names))
_SECRET = Record({"name": _TEXT, "valueFrom": _RESOLVED})

_CONTAINER = Record(
    {
        "name": _RESOLVED,
        # Checked where it is taken apart: a placeholder in its tag harms nobody.
        "image": _TEXT,
        "repositoryCredentials": Record({"credentialsParameter": _RESOLVED}),
        "environment": ListOf(Record({"name": _TEXT, "value": _TEXT}, is_read=_is_read_variable)),
        "environmentFiles": ListOf(Record({"type": _TEXT, "value": _RESOLVED})),
        "secrets": ListOf(_SECRET),
        # Docker has templates of its own in some options ({{.Name}} in a tag), so each user of an option checks it.
        "logConfiguration": Record({"logDriver": _TEXT, "options": _OPTIONS, "secretOptions": ListOf(_SECRET)}),
        "firelensConfiguration": Record({"type": _TEXT, "options": MapOf(_TEXT, frozenset(_ROUTER_OPTIONS))}),
        "credentialSpecs": ListOf(_RESOLVED),
        "dockerSecurityOptions": ListOf(_RESOLVED),
        "mountPoints": ListOf(Record({"sourceVolume": _TEXT, "readOnly": _FLAG})),
        "readonlyRootFilesystem": _FLAG,
        "linuxParameters": Record({"initProcessEnabled": _FLAG}),
        "portMappings": ListOf(Record({"name": Hint()})),
    }
)

_EFS = Record(
    {
        "fileSystemId": _RESOLVED,
        "transitEncryption": _TEXT,
        "authorizationConfig": Record({"accessPointId": _RESOLVED, "iam": _TEXT}),
    }
)
_FSX = Record({"fileSystemId": _RESOLVED, "authorizationConfig": Record({"credentialsParameter": _RESOLVED})})

_VOLUME = Record(
    {
        "name": _TEXT,
        "configuredAtLaunch": _FLAG,
        "efsVolumeConfiguration": _EFS,
        "s3filesVolumeConfiguration": Record({"fileSystemArn": _RESOLVED, "accessPointArn": _RESOLVED}),
        "fsxWindowsFileServerVolumeConfiguration": _FSX,
        "dockerVolumeConfiguration": Record({"driver": _TEXT}),
    }
)

TASK_DEFINITION = Record(
    {
        "family": _TEXT,
        "taskDefinitionArn": _TEXT,
        "taskRoleArn": _TEXT,
        "executionRoleArn": _TEXT,
        "requiresCompatibilities": ListOf(_TEXT, most=16),
        "runtimePlatform": Record({"operatingSystemFamily": _TEXT}),
        "containerDefinitions": ListOf(_CONTAINER),
        "volumes": ListOf(_VOLUME),
        "enableFaultInjection": _FLAG,
        "ephemeralStorage": Hint(),
        "proxyConfiguration": Hint(),
        "trustedExecutionConfiguration": Hint(),
    }
)
