"""What no field says: ECS Exec and known sidecars, section 9 of AWS's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.proof.agent.logs import creates, group_arn, need
from tests.proof.agent.needs import ANYTHING, TASK, Need, Place, exactly
from tests.proof.agent.storage import of_bucket

CHANNELS = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
TRACES = (
    "PutTraceSegments",
    "PutTelemetryRecords",
    "GetSamplingRules",
    "GetSamplingTargets",
    "GetSamplingStatisticSummaries",
)


def exec_needs(place: Place) -> Iterator[Need]:
    """Yield the calls of ECS Exec's agent."""
    options = place.options.ecs_exec
    if options is None:
        return
    for channel in CHANNELS:
        yield Need(TASK, f"ssmmessages:{channel}", "*", ANYTHING, "EXE-1", {})
    if options.kms_key:
        yield Need(TASK, "kms:Decrypt", options.kms_key, exactly(options.kms_key), "EXE-4", {})
    groups = [group_arn(place, options.log_group)] if options.log_group else []
    if options.logging == "default":
        logs = [container.get("logConfiguration") or {} for container in place.containers]
        of_awslogs = [log["options"] for log in logs if log.get("logDriver") == "awslogs"]
        groups += [group_arn(place, log["awslogs-group"], log["awslogs-region"]) for log in of_awslogs]
    for group in groups:
        yield need(TASK, "DescribeLogGroups", "*", ANYTHING, "EXE-2")
        for action in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents"):
            yield need(TASK, action, f"{group}:log-stream:ecs-execute-command-1", f"{exactly(group)}:.*", "EXE-2")
    if options.s3_bucket:
        bucket = place.arn("s3", options.s3_bucket, region="", account="")
        objects = f"{bucket}/{options.s3_prefix}"
        yield from of_bucket(place, TASK, "s3:GetBucketLocation", bucket, ANYTHING, rule="EXE-3")
        yield from of_bucket(place, TASK, "s3:GetEncryptionConfiguration", bucket, exactly(bucket), rule="EXE-3")
        yield from of_bucket(
            place, TASK, "s3:PutObject", f"{objects}session.log", f"{exactly(objects)}.*", rule="EXE-3"
        )


def sidecar_needs(place: Place) -> Iterator[Need]:
    """Yield the calls of sidecars that options name."""
    wanted = place.options.sidecars
    for container in place.containers:
        image, variables = container["image"], _variables(container)
        if "xray-daemon" in image and "xray" in wanted:
            yield from _everywhere("SIDE-XRAY", [f"xray:{action}" for action in TRACES])
        if ("aws-otel-collector" in image or "opentelemetry-collector" in image) and "otel" in wanted:
            yield from _everywhere("SIDE-OTEL", [f"xray:{action}" for action in TRACES])
            yield from _configured(place, "SIDE-OTEL", "ssm:GetParameters")
        if "cloudwatch-agent" in image and "cloudwatch-agent" in wanted:
            traces = [f"xray:{action}" for action in TRACES] if "xray" in wanted else []
            yield from _everywhere("SIDE-CWAGENT", ["cloudwatch:PutMetricData", *traces])
            yield from _configured(place, "SIDE-CWAGENT", "ssm:GetParameter")
        if "aws-appmesh-envoy" in image and "appmesh" in wanted:
            arn = place.arn("appmesh", variables["APPMESH_VIRTUAL_NODE_NAME"])
            yield Need(TASK, "appmesh:StreamAggregatedResources", arn, exactly(arn), "SIDE-APPMESH", {})
        is_injected = place.document.get("enableFaultInjection") and "fault-injection" in wanted
        if "amazon-ssm-agent" in image and is_injected:
            yield from _everywhere("SIDE-FIS", ["ssm:CreateActivation", "ssm:AddTagsToResource"])
            role = place.arn("iam", f"role/{variables['MANAGED_INSTANCE_ROLE_NAME']}", region="")
            yield Need(TASK, "iam:PassRole", role, exactly(role), "SIDE-FIS", {})


def _variables(container: Mapping[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container.get("environment") or ()}


def _everywhere(rule: str, actions: list[str]) -> Iterator[Need]:
    for action in actions:
        yield Need(TASK, action, "*", ANYTHING, rule, {})


def _configured(place: Place, rule: str, read: str) -> Iterator[Need]:
    """Yield what a collector does with the log groups and parameters that options name."""
    for name in place.options.sidecar_log_groups:
        group = group_arn(place, name)
        yield from creates(TASK, group, rule)
        yield need(TASK, "DescribeLogGroups", "*", ANYTHING, rule)
        for action in ("CreateLogStream", "PutLogEvents"):
            yield need(TASK, action, f"{group}:log-stream:metrics", f"{exactly(group)}:log-stream:.*", rule)
        for action in ("DescribeLogStreams", "PutRetentionPolicy", "CreateLogGroup"):
            yield need(TASK, action, group, f"{exactly(group)}(:.*)?", rule)
    for name in place.options.sidecar_parameters:
        region = name.split(":")[3] if name.startswith("arn:") else None
        bare = name.split(":parameter/")[-1].removeprefix("/")
        arn = place.arn("ssm", f"parameter/{bare}", region=region)
        yield Need(TASK, read, arn, exactly(arn), rule, {})
