"""Logs: `logConfiguration` with the awslogs driver, and which drivers there are.

The stream is PREFIX/CONTAINER/TASK, or the container's id without a prefix, which only EC2 allows. CreateLogStream and
PutLogEvents are checked against the stream, CreateLogGroup against the group and against a stream without a name.
Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taskrole.arns import is_exact, is_region, literal, log_group_arn, log_stream_arn
from taskrole.errors import shown
from taskrole.taskdef.containers import usable_name
from taskrole.taskdef.document import Node
from taskrole.taskdef.items import Item, Setting, finding, grant, name_of, told, unusable, usable
from taskrole.taskdef.launch import compatibilities

# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
DRIVERS = ("awsfirelens", "awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog")
_FARGATE_DRIVERS = ("awsfirelens", "awslogs", "splunk")
_MANAGED_INSTANCES_DRIVERS = (*_FARGATE_DRIVERS, "json-file")

GROUP = re.compile(r"[A-Za-z0-9._/#-]{1,512}")
_GROUP, _REGION, _PREFIX, _CREATE = "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group"
# As Go's strconv.ParseBool reads them.
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


@dataclass(frozen=True)
class LogGroup:
    """Where a container's awslogs go."""

    region: str
    name: str


def log_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what writing the logs of a task needs (LOG-1 to LOG-3)."""
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
        message = f"must be one of {', '.join(DRIVERS)}; got {told(driver)}"
        raise unusable("LOG-DRIVER", log.field("logDriver"), message)
    named = compatibilities(task)
    limits = (("FARGATE", _FARGATE_DRIVERS), ("MANAGED_INSTANCES", _MANAGED_INSTANCES_DRIVERS))
    for compatibility, allowed in limits:
        if compatibility in named and driver not in allowed:
            message = f"must be one of {', '.join(allowed)} on {compatibility}; got {told(driver)}"
            yield finding("LOG-DRIVER", "error", log.field("logDriver"), message)


def awslogs_group(options: Node, setting: Setting) -> LogGroup:
    """Return the log group of awslogs options. Raises UnusableError when group or region cannot be used."""
    group, region = options.resolved(_GROUP, _REGION)
    if group is None or not GROUP.fullmatch(group):
        message = f"must be 1 to 512 letters, digits and . - _ / #; got {told(group)}"
        raise unusable("LOG-GROUP", options.field(_GROUP), message)
    if region is None or not is_region(region, setting.context.partition):
        raise unusable("LOG-REGION", options.field(_REGION), region_rule(region, setting))
    return LogGroup(region, group)


def region_rule(region: str | None, setting: Setting) -> str:
    """Return the message about a region that is none."""
    return f"must be a region of partition {setting.context.partition}; got {told(region)}"


def _group_items(container: Node, options: Node, setting: Setting) -> Iterator[Item]:
    (create,) = options.resolved(_CREATE)
    if create in (None, *_FALSE):
        return
    if create not in _TRUE:
        message = f"must be true or false as Go reads it ({', '.join((*_TRUE, *_FALSE))}); got {told(create)}"
        raise unusable("LOG-BOOL", options.field(_CREATE), message)
    group = awslogs_group(options, setting)
    because = f"{name_of(container)} creates log group {group.name} if it is not there"
    yield grant("LOG-3", options.field(_CREATE), because, group_resources(group, setting))


def group_resources(group: LogGroup, setting: Setting) -> list[str]:
    """Return the two forms against which CreateLogGroup is checked."""
    context = setting.context
    return [log_group_arn(context, group.region, group.name), log_stream_arn(context, group.region, group.name, "")]


def _stream_items(task: Node, container: Node, options: Node, setting: Setting) -> Iterator[Item]:
    group = awslogs_group(options, setting)
    (prefix,) = options.resolved(_PREFIX)
    who, context = name_of(container), setting.context
    if prefix is None:
        field = options.field(_GROUP)
        if "FARGATE" in compatibilities(task):
            message = "must be given beside awslogs-group on Fargate; got none"
            raise unusable("LOG-2", options.field(_PREFIX), message)
        message = "has no awslogs-stream-prefix beside it, so that every stream of the group is allowed; add one"
        yield finding("LOG-2", "note", field, message)
        because = f"{who} logs to a stream of {group.name} named by its id"
        yield grant("LOG-2", field, because, [log_stream_arn(context, group.region, group.name, "*")])
        return
    pattern = _prefix_pattern(options, prefix)
    if not is_exact(prefix):
        message = f"holds characters that no policy can; the grant has ? for each, which matches any; {shown(prefix)}"
        yield finding("WILDCARD", "warning", options.field(_PREFIX), message)
    name = usable_name(container)
    if name is None:
        return
    because = f"{who} logs to its own streams of {group.name}"
    resource = log_stream_arn(context, group.region, group.name, f"{pattern}/{name}/*")
    yield grant("LOG-1", options.field(_GROUP), because, [resource])


def _prefix_pattern(options: Node, prefix: str) -> str:
    field = options.field(_PREFIX)
    if ":" in prefix or "*" in prefix or len(prefix) > 512:
        message = f"must hold neither colon nor asterisk, in at most 512 characters; got {told(prefix)}"
        raise unusable("LOG-PREFIX", field, message)
    try:
        return literal(prefix)
    except ValueError as error:
        raise unusable("LOG-PREFIX", field, str(error)) from None
