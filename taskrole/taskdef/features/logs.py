"""Logs: `logConfiguration` with the awslogs driver, and the known drivers.

The stream is PREFIX/CONTAINER/TASK, or the container's id without a prefix, which only EC2 allows. CreateLogStream and
PutLogEvents are checked against the stream, CreateLogGroup against the group and against a stream without a name.
Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from taskrole.arns import is_exact, is_region, literal, log_group_arn, log_stream_arn
from taskrole.errors import quote
from taskrole.partitions import nearest_regions, partition_of
from taskrole.taskdef.document import Node
from taskrole.taskdef.failure import GITHUB, Failure
from taskrole.taskdef.feature import LOGS_AND_FILES, Feature, LogOptions, container_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of, quote_text, unusable, usable
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.features.containers import usable_name
from taskrole.taskdef.option_checks import matching
from taskrole.taskdef.rule import API, DOCS, ECS, EXECUTION, FieldRule
from taskrole.taskdef.shape import Record, Scalar

_LOGS = "containerDefinitions[].logConfiguration.options"
_AWSLOGS = f"{ECS}/using_awslogs.html"
_LOG_ACTIONS = f"{DOCS}/service-authorization/latest/reference/list_amazoncloudwatchlogs.html"
_WRITE_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")

_CREATE_STREAM = "ResourceInitializationError: failed to validate logger args: create stream has been retried … times: "
_DAEMON = "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: "
_UNLESS_THERE = "unless the log group exists"
_LOGS_LOST = Failure(
    "container's log",
    "no error: the container runs, and its log stream stays empty",
    _AWSLOGS,
    stops=False,
)
_STREAM_DENIED = Failure(
    "stopped reason",
    f"{_CREATE_STREAM}failed to create Cloudwatch log stream: AccessDeniedException: …",
    f"{GITHUB}/doctorray117/minecraft-ondemand/issues/12",
    on_ec2=Failure(
        "stopped reason",
        f"{_DAEMON}failed to create Cloudwatch log stream: AccessDeniedException: …",
        f"{GITHUB}/prakhar1989/docker-curriculum/issues/260",
    ),
)
_GROUP_DENIED = Failure(
    "stopped reason",
    f"{_CREATE_STREAM}failed to create Cloudwatch log group: AccessDeniedException: … is not authorized to perform:"
    " logs:CreateLogGroup on resource: …:log-stream: …",
    f"{GITHUB}/terraform-aws-modules/terraform-aws-ecs/pull/313",
    on_ec2=Failure(
        "stopped reason",
        f"{_DAEMON}failed to create Cloudwatch log group: AccessDeniedException: …",
        f"{GITHUB}/prakhar1989/docker-curriculum/issues/260",
        note=_UNLESS_THERE,
    ),
    note=_UNLESS_THERE,
)

_RULES = (
    FieldRule(
        "LOG-1",
        "grant",
        "Write to the streams of one container: prefix/container/task",
        _LOGS,
        f"{API}/API_LogConfiguration.html",
        EXECUTION,
        _WRITE_LOGS,
        "arn:P:logs:R:A:log-group:GROUP:log-stream:PREFIX/CONTAINER/*",
        failure=_STREAM_DENIED,
        action_failures={"logs:PutLogEvents": _LOGS_LOST},
    ),
    FieldRule(
        "LOG-2",
        "grant",
        "Write to a stream named after the container's id, if there is no prefix (Fargate requires one)",
        _LOGS,
        _AWSLOGS,
        EXECUTION,
        _WRITE_LOGS,
        "arn:P:logs:R:A:log-group:GROUP:log-stream:*",
        failure=_STREAM_DENIED,
        action_failures={"logs:PutLogEvents": _LOGS_LOST},
    ),
    FieldRule(
        "LOG-3",
        "grant",
        "Create the log group, checked against the group and against an empty stream in it",
        _LOGS,
        _LOG_ACTIONS,
        EXECUTION,
        ("logs:CreateLogGroup",),
        "arn:P:logs:R:A:log-group:GROUP and …:log-stream:",
        failure=_GROUP_DENIED,
    ),
    FieldRule(
        "LOG-GROUP", "refused", "awslogs needs a group of 1 to 512 letters, digits and . - _ / #", _LOGS, _AWSLOGS
    ),
    FieldRule("LOG-REGION", "refused", "awslogs needs a region of the task's partition", _LOGS, _AWSLOGS),
    FieldRule("LOG-PREFIX", "refused", "A stream prefix has neither colon nor asterisk", _LOGS, _AWSLOGS),
    FieldRule("LOG-BOOL", "refused", "awslogs-create-group is true or false as Go reads it", _LOGS, _AWSLOGS),
    FieldRule(
        "LOG-DRIVER",
        "refused",
        "Log drivers that ECS or Fargate does not support",
        "containerDefinitions[].logConfiguration.logDriver",
        f"{API}/API_LogConfiguration.html",
    ),
    FieldRule(
        "LOG-KMS",
        "fact",
        "Writing to an encrypted log group needs no kms permission of the role",
        _LOGS,
        f"{DOCS}/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        verified=False,
        note="The key's policy allows the service; no page says that the caller needs nothing.",
    ),
)

# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
DRIVERS = ("awsfirelens", "awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog")
_FARGATE_DRIVERS = ("awsfirelens", "awslogs", "splunk")
_MANAGED_INSTANCES_DRIVERS = (*_FARGATE_DRIVERS, "json-file")

GROUP = re.compile(r"[A-Za-z0-9._/#-]{1,512}")
group_name = matching(GROUP, "must be a log group's name, letters, digits and . - _ / #")
_GROUP, _REGION, _PREFIX, _CREATE = "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group"
# The values that Go's strconv.ParseBool accepts.
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


class LogGroup(NamedTuple):
    """The log group of a container's awslogs driver."""

    region: str
    name: str


def log_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions for writing the logs of a task (LOG-1 to LOG-3)."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(task, container, setting))


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    log = container.node("logConfiguration")
    if log is None:
        return
    driver = log.text("logDriver")
    yield from _driver_items(task, log, driver)
    if driver == "awslogs":
        options = log.node("options") or Node({}, f"{log.source}/options", log.file)
        yield from usable(_group_items(container, options, setting))
        yield from usable(_stream_items(task, container, options, setting))


def _driver_items(task: Node, log: Node, driver: str | None) -> Iterator[Item]:
    if driver not in DRIVERS:
        message = f"must be one of {', '.join(DRIVERS)}; got {quote_text(driver)}"
        raise unusable("LOG-DRIVER", log.field("logDriver"), message)
    named = compatibilities(task)
    limits = (("FARGATE", _FARGATE_DRIVERS), ("MANAGED_INSTANCES", _MANAGED_INSTANCES_DRIVERS))
    for compatibility, allowed in limits:
        if compatibility in named and driver not in allowed:
            message = f"must be one of {', '.join(allowed)} on {compatibility}; got {quote_text(driver)}"
            yield finding("LOG-DRIVER", "error", log.field("logDriver"), message)


def awslogs_group(options: Node, setting: Setting) -> LogGroup:
    """Return the log group of awslogs options. Raises UnusableError when group or region cannot be used."""
    group, region = options.resolved(_GROUP, _REGION)
    if group is None or not GROUP.fullmatch(group):
        message = f"must be 1 to 512 letters, digits and . - _ / #; got {quote_text(group)}"
        raise unusable("LOG-GROUP", options.field(_GROUP), message)
    if region is None or not is_region(region, setting.context.partition):
        raise unusable("LOG-REGION", options.field(_REGION), region_rule(region, setting))
    return LogGroup(region, group)


def region_rule(region: str | None, setting: Setting) -> str:
    """Return the message about an invalid region."""
    return f"must be a region of partition {setting.context.partition}; got {quote_text(region)}{_nearest(region)}"


def _nearest(region: str | None) -> str:
    """Return a suggestion of similar regions, or an empty string."""
    if region is None:
        return ""
    # An Availability Zone is a region followed by a letter.
    zone_of = region[:-1] if partition_of(region[:-1]) else None
    near = [zone_of] if zone_of else nearest_regions(region)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _group_items(container: Node, options: Node, setting: Setting) -> Iterator[Item]:
    (create,) = options.resolved(_CREATE)
    if create in (None, *_FALSE):
        return
    if create not in _TRUE:
        message = f"must be true or false as Go reads it ({', '.join((*_TRUE, *_FALSE))}); got {quote_text(create)}"
        raise unusable("LOG-BOOL", options.field(_CREATE), message)
    group = awslogs_group(options, setting)
    because = f"{name_of(container)} creates log group {group.name} if it does not exist"
    yield setting.grant("LOG-3", options.field(_CREATE), because, group_resources(group, setting))


def group_resources(group: LogGroup, setting: Setting) -> list[str]:
    """Return the two forms against which CreateLogGroup is checked."""
    context = setting.context
    return [log_group_arn(context, group.region, group.name), log_stream_arn(context, group.region, group.name, "")]


def _stream_items(task: Node, container: Node, options: Node, setting: Setting) -> Iterator[Item]:
    group = awslogs_group(options, setting)
    if partition_of(group.region) is None:
        message = f"is not a known region; it may be a new one; got {quote_text(group.region)}"
        message += _nearest(group.region)
        yield finding("LOG-REGION", "warning", options.field(_REGION), message)
    (prefix,) = options.resolved(_PREFIX)
    who, context = name_of(container), setting.context
    if prefix is None:
        field = options.field(_GROUP)
        if "FARGATE" in compatibilities(task):
            message = "must be set on Fargate; got none"
            raise unusable("LOG-2", options.field(_PREFIX), message)
        message = "has no awslogs-stream-prefix, so every stream of the group is allowed; add one"
        yield finding("LOG-2", "note", field, message)
        because = f"{who} logs to a stream of {group.name} named by its id"
        yield setting.grant("LOG-2", field, because, [log_stream_arn(context, group.region, group.name, "*")])
        return
    pattern = _prefix_pattern(options, prefix)
    if not is_exact(prefix):
        message = (
            f"has characters that a policy cannot have; the grant has ? for each, which matches any; {quote(prefix)}"
        )
        yield finding("WILDCARD", "warning", options.field(_PREFIX), message)
    name = usable_name(container)
    if name is None:
        return
    because = f"{who} logs to its own streams of {group.name}"
    resource = log_stream_arn(context, group.region, group.name, f"{pattern}/{name}/*")
    yield setting.grant("LOG-1", options.field(_GROUP), because, [resource])


def _prefix_pattern(options: Node, prefix: str) -> str:
    field = options.field(_PREFIX)
    if ":" in prefix or "*" in prefix or len(prefix) > 512:
        message = f"must have neither colon nor asterisk, and at most 512 characters; got {quote_text(prefix)}"
        raise unusable("LOG-PREFIX", field, message)
    try:
        return literal(prefix)
    except ValueError as error:
        raise unusable("LOG-PREFIX", field, str(error)) from None


_OPTIONS = LogOptions("awslogs", (_CREATE, _GROUP, _REGION, _PREFIX))
_SHAPE = container_fields({"name": Scalar.RESOLVED, "logConfiguration": Record({"logDriver": Scalar.TEXT})})

FEATURE = Feature(LOGS_AND_FILES, _RULES, _SHAPE, items=log_items, log_options=_OPTIONS)
