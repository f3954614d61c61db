"""Logs, and the log routers of FireLens: section 5 of AWS's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.proof.agent.needs import ANYTHING, EXECUTION, TASK, Need, Place, exactly
from tests.proof.agent.storage import object_needs, written_objects

GO_TRUE = ("1", "t", "T", "TRUE", "true", "True")
ON = ("on", "true", "yes", "1")


def log_needs(place: Place) -> Iterator[Need]:
    """Yield the calls that write logs."""
    for container in place.containers:
        log = container.get("logConfiguration") or {}
        options = log.get("options") or {}
        if log.get("logDriver") == "awslogs":
            yield from _awslogs(place, container["name"], options)
        if log.get("logDriver") == "awsfirelens":
            yield from _router_output(place, {key.lower(): value for key, value in options.items()})
        # Whatever it says, it makes a router.
        if container.get("firelensConfiguration") is not None:
            yield from _router(place, container)


def group_arn(place: Place, group: str, region: str | None = None) -> str:
    """Return a log group's ARN in the task's account."""
    return place.arn("logs", f"log-group:{group}", region=region)


def need(role: str, action: str, resource: str, scope: str, rule: str) -> Need:
    """Return a need of CloudWatch Logs, which knows no condition that matters here."""
    return Need(role, f"logs:{action}", resource, scope, rule, {})


def _awslogs(place: Place, container: str, options: Mapping[str, str]) -> Iterator[Need]:
    group = group_arn(place, options["awslogs-group"], options["awslogs-region"])
    prefix = options.get("awslogs-stream-prefix")
    streams = f"{group}:log-stream:{prefix}/{container}/" if prefix else f"{group}:log-stream:"
    for action in ("CreateLogStream", "PutLogEvents"):
        rule = "LOG-1" if prefix else "LOG-2"
        yield need(EXECUTION, action, streams + place.task_id(), exactly(streams) + ANYTHING, rule)
    if options.get("awslogs-create-group") in GO_TRUE:
        yield from creates(EXECUTION, group, "LOG-3")


def creates(role: str, group: str, rule: str) -> Iterator[Need]:
    """Yield the call that creates a log group, checked against the group and against a stream without a name."""
    for resource in (group, f"{group}:log-stream:"):
        yield need(role, "CreateLogGroup", resource, exactly(resource), rule)


def _router(place: Place, container: Mapping[str, Any]) -> Iterator[Need]:
    options = container["firelensConfiguration"].get("options") or {}
    if options.get("config-file-type") == "s3":
        yield from object_needs(place, options["config-file-value"], "FL-1")
    for variable in container.get("environment") or ():
        if variable["name"].startswith("aws_fluent_bit_init_s3_"):
            yield from object_needs(place, variable["value"], "FL-2", role=TASK)


def _router_output(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    name = options.get("name", "").lower()
    if options.get("role_arn") and name in OUTPUTS:
        role = options["role_arn"]
        yield Need(TASK, "sts:AssumeRole", role, exactly(role), "FL-9", {})
    elif name in OUTPUTS:
        yield from OUTPUTS[name](place, options)


def _templated(text: str) -> tuple[str, str]:
    """Return a name as one task has it and the expression of all that its templated end may be."""
    plain, template, _ = text.partition("$(")
    return (f"{plain}0f1e2d", exactly(plain) + ANYTHING) if template else (text, exactly(text))


def _named(place: Place, service: str, kind: str, name: str, region: str) -> tuple[str, str]:
    one, all_ = _templated(name)
    arn = place.arn(service, kind, region=region)
    return f"{arn}/{one}", f"{exactly(arn)}/{all_}"


def _firehose(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    arn, scope = _named(place, "firehose", "deliverystream", options["delivery_stream"], options["region"])
    yield Need(TASK, "firehose:PutRecordBatch", arn, scope, "FL-4", {})


def _kinesis(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    arn, scope = _named(place, "kinesis", "stream", options["stream"], options["region"])
    yield Need(TASK, "kinesis:PutRecords", arn, scope, "FL-5", {})


def _s3(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    yield from written_objects(place, options["bucket"], "fluent-bit/2026/11/24/log.gz", "FL-6")


def _cloudwatch(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    name, names = _templated(options["log_group_name"])
    group = group_arn(place, name, options["region"])
    groups = group_arn(place, "", options["region"])
    scope = exactly(groups) + names
    for action in ("CreateLogStream", "PutLogEvents"):
        yield need(TASK, action, f"{group}:log-stream:from-router", f"{scope}:log-stream:.*", "FL-7")
    for resource in (group, f"{group}:log-stream:"):
        yield need(TASK, "DescribeLogStreams", resource, f"{scope}(:.*)?", "FL-7")
        if options.get("log_retention_days"):
            yield need(TASK, "PutRetentionPolicy", resource, f"{scope}(:.*)?", "FL-7")
        if options.get("auto_create_group", "").lower() in ON:
            yield need(TASK, "CreateLogGroup", resource, f"{scope}(:log-stream:)?", "FL-7")


def _opensearch(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    if options.get("aws_auth", "").lower() not in ON:
        return
    domain = place.options.firelens.opensearch_domains[options["host"]]
    for method in ("Delete", "Get", "Head", "Patch", "Post", "Put"):
        yield Need(TASK, f"es:ESHttp{method}", f"{domain}/_bulk", f"{exactly(domain)}/.*", "FL-8", {})


OUTPUTS = {
    "firehose": _firehose,
    "kinesis_firehose": _firehose,
    "kinesis": _kinesis,
    "kinesis_streams": _kinesis,
    "s3": _s3,
    "cloudwatch": _cloudwatch,
    "cloudwatch_logs": _cloudwatch,
    "es": _opensearch,
    "opensearch": _opensearch,
}
