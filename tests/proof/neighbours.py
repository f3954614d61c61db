"""Neighbours of a call, which a slightly too wide policy would allow too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.proof.agent import Need
from tests.proof.setting import PLACES

_ANOTHER_ACCOUNT = "999988887777"
# For each service, unneeded actions, and actions similar to needed ones.
OTHER_ACTIONS = {
    "ecr": ("PutImage", "BatchCheckLayerAvailability", "BatchImportUpstreamImage", "CreateRepository", "BatchGetImage"),
    "secretsmanager": ("PutSecretValue", "DescribeSecret", "BatchGetSecretValue", "ListSecrets"),
    "ssm": ("GetParameter", "GetParameters", "GetParametersByPath", "PutParameter"),
    "kms": ("Encrypt", "GenerateDataKey", "CreateGrant", "ReEncryptFrom"),
    "logs": ("CreateLogGroup", "DescribeLogStreams", "GetLogEvents", "TagResource", "PutRetentionPolicy"),
    "s3": ("GetObject", "PutObject", "ListBucket", "GetObjectVersion", "PutObjectAcl", "GetBucketLocation"),
    "elasticfilesystem": ("ClientMount", "ClientWrite", "ClientRootAccess", "DescribeMountTargets"),
    "s3files": ("ClientMount", "ClientWrite", "ClientRootAccess"),
    "fsx": ("DescribeVolumes",),
    "ssmmessages": ("SendMessage",),
    "firehose": ("PutRecord", "DeleteDeliveryStream"),
    "kinesis": ("PutRecord", "GetRecords"),
    "es": ("ESHttpGet", "DescribeDomain", "DeleteDomain"),
    "aoss": ("DashboardsAccessAll", "DeleteCollection"),
    "osis": ("DeletePipeline",),
    "aps": ("QueryMetrics",),
    "kafka-cluster": ("ReadData", "CreateTopic", "DescribeCluster", "WriteDataIdempotently", "WriteData"),
    "xray": ("GetTraceSummaries",),
    "cloudwatch": ("GetMetricData",),
    "sts": ("TagSession",),
    "iam": ("GetRole",),
    "appmesh": ("DescribeVirtualNode",),
}


@dataclass(frozen=True)
class Asked:
    """A request of a role, with its whole context."""

    role: str
    action: str
    resource: str
    context: Mapping[str, str]


def requests_of(need: Need) -> Iterator[Asked]:
    """Yield the call and its neighbours, which differ in a single property."""
    resource = need.resource or "arn:aws:secretsmanager:us-east-1:111122223333:secret:ecs-sc!x-a1B2c3"
    yield Asked(need.role, need.action, resource, need.context)
    yield Asked("task" if need.role == "execution" else "execution", need.action, resource, need.context)
    service = need.action.partition(":")[0]
    for name in OTHER_ACTIONS.get(service, ()):
        yield Asked(need.role, f"{service}:{name}", resource, need.context)
    for context in _other_contexts(need.context):
        yield Asked(need.role, need.action, resource, context)
    for other in sorted(set(neighbours(resource))):
        yield Asked(need.role, need.action, other, need.context)


def _other_contexts(context: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    if not context:
        return
    yield {}
    for key, value in context.items():
        yield {name: value for name, value in context.items() if name != key}
        if value == "true":
            yield {**context, key: "false"}
            continue
        yield {**context, key: f"{value}x"}
        yield {**context, key: value.swapcase()}
        if key == "kms:ViaService":
            yield {**context, key: value.replace(".", ".x", 1)}
            yield {**context, key: re.sub(r"^[a-z0-9]+", "dynamodb", value)}
            yield {**context, key: value + ".cn"}
        if "EncryptionContext" in key:
            yield {**context, key: value.replace("app", "other")}
            yield {**context, key: re.sub("-.{6}$", "-000000", value)}
            yield {**context, key: re.sub("-.{6}$", "-x-000000", value)}


def neighbours(resource: str) -> Iterator[str]:
    """Yield ARNs similar to a resource: in another account or region, or with a similar name."""
    if resource == "*":
        return
    arn, partition, service, region, account, name = resource.split(":", 5)
    yield "*"
    for place in PLACES:
        if place.context.partition != partition:
            yield f"{arn}:{place.context.partition}:{service}:{region}:{account}:{name}"
        if region:
            yield f"{arn}:{partition}:{service}:{place.context.region}:{account}:{name}"
    if region:
        yield f"{arn}:{partition}:{service}:{region}x:{account}:{name}"
        yield f"{arn}:{partition}:{service}::{account}:{name}"
    if account:
        yield f"{arn}:{partition}:{service}:{region}:{_ANOTHER_ACCOUNT}:{name}"
        yield f"{arn}:{partition}:{service}:{region}::{name}"
    for other in _names(name):
        yield f"{arn}:{partition}:{service}:{region}:{account}:{other}"


def _names(name: str) -> Iterator[str]:
    for end in ("x", "-x", "-a1B2c3", "-x-a1B2c3", "/x", ":x", "-other", "*", "?", "\n"):
        yield name + end
    yield from (name[:-1], name.swapcase(), f"x{name}", re.sub(r"[0-9A-Za-z]$", "_", name))
    yield name.replace("*", "x")
    yield name.replace("*", "")
    yield name.replace("?", "x")
    # Each part of the name: another log group, container, task, secret, folder or key.
    for place in (match.start() for match in re.finditer(r"[:/-]", name)):
        yield f"{name[:place]}x{name[place:]}"
        yield f"{name[:place]}-x{name[place:]}"
        yield f"{name[:place]}/x{name[place:]}"
        yield name[:place]
        yield name[: place + 1]
        yield f"{name[: place + 1]}x{name[place + 1 :]}"
