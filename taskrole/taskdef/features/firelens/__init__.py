"""FireLens: a router's configuration, and what the router may do with the logs of the containers beside it.

The router reads its own configuration from S3 with the execution role (FL-1) or, by its init process, with the task
role (FL-2). What it sends on, as `logConfiguration.options` of the awsfirelens driver say, it sends with the task role
(firelens_outputs).
Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html,
https://github.com/aws/aws-for-fluent-bit/tree/mainline/use_cases/init-process-for-fluent-bit
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from taskrole.errors import shown
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import LOGS_AND_FILES, Feature, LogOptions, Variables, container_fields
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.features.firelens.options import FireLensOptions
from taskrole.taskdef.features.firelens.outputs import output_items
from taskrole.taskdef.features.firelens.rules import RULES
from taskrole.taskdef.features.s3_objects.objects import object_items
from taskrole.taskdef.items import Item, Setting, finding, name_of, unusable, usable
from taskrole.taskdef.shape import MapOf, Record, Scalar, pointer_step

_INIT_S3 = "aws_fluent_bit_init_s3_"
_INIT_FILE = "aws_fluent_bit_init_file_"


def firelens_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what FireLens needs: the router's configuration and its outputs (FL-1 to FL-10)."""
    has_router = False
    for container in task.nodes("containerDefinitions"):
        # Even one that says nothing known makes a router.
        if "firelensConfiguration" in container.data:
            has_router = True
            yield from usable(_router_items(task, container, setting))
            yield from usable(_init_items(container, setting))
    for container in task.nodes("containerDefinitions"):
        yield from usable(_sender_items(container, setting, has_router=has_router))


def _router_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    router = container.node("firelensConfiguration")
    options = router.node("options") if router else None
    if options is None:
        return
    kind, value = options.text("config-file-type"), options.text("config-file-value")
    field = options.field("config-file-value")
    if kind is None and value is None:
        return
    message = "may hold outputs of its own, which cannot be seen here; what they need is for you to grant"
    yield finding("FL-VISIBLE", "warning", field, message)
    if kind != "s3":
        return
    if "FARGATE" in compatibilities(task):
        message = "must be file on Fargate, where the router's configuration cannot come from S3; got s3"
        raise unusable("FL-1", options.field("config-file-type"), message)
    (text,) = options.resolved("config-file-value")
    because = f"{name_of(container)} routes logs by this configuration"
    yield from object_items(field, text or "", setting, because, rules=("FL-1", "FL-1"))


def _init_items(container: Node, setting: Setting) -> Iterator[Item]:
    for variable in container.nodes("environment"):
        yield from usable(_variable_items(container, variable, setting))


def _variable_items(container: Node, variable: Node, setting: Setting) -> Iterator[Item]:
    name = variable.text("name") or ""
    if not name.startswith((_INIT_S3, _INIT_FILE)):
        return
    message = "may hold outputs of its own, which cannot be seen here; what they need is for you to grant"
    yield finding("FL-VISIBLE", "warning", variable.field("value"), message)
    if name.startswith(_INIT_S3):
        (text,) = variable.resolved("value")
        because = f"the init process of {name_of(container)} reads this configuration"
        rules = ("FL-2", "FL-2")
        yield from object_items(variable.field("value"), text or "", setting, because, rules=rules, role="task")


def _sender_items(container: Node, setting: Setting, *, has_router: bool) -> Iterator[Item]:
    log = container.node("logConfiguration")
    if log is None or log.text("logDriver") != "awsfirelens":
        return
    if not has_router:
        message = "needs a container with firelensConfiguration beside it, which routes its logs; there is none"
        raise unusable("FL-ROUTER", log.field("logDriver"), message)
    options = _lower_case(log)
    if options is None:
        message = "has no options, so that the router's configuration decides where its logs go; grant what it needs"
        yield finding("FL-VISIBLE", "note", log.place, message)
        return
    yield from output_items(container, options, setting)


def _lower_case(log: Node) -> Node | None:
    """Return the options with their keys in lower case, as Fluent Bit reads them; None where there are none."""
    options = log.node("options")
    if options is None or not options.data:
        return None
    lowered: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for key, value in options.data.items():
        if key.lower() in lowered:
            message = f"holds the option {shown(key.lower())} twice, which Fluent Bit takes for one; leave one out"
            raise unusable("FL-OPTION", options.place, message)
        lowered[key.lower()], spelled[key.lower()] = value, pointer_step(key)
    return Node(lowered, options.source, options.file, spelled)


_OUTPUT_OPTIONS = LogOptions(
    "awsfirelens",
    (
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
    present=("@type", "log_retention_days"),
)
_ROUTER_OPTIONS = frozenset({"config-file-type", "config-file-value"})
_SHAPE = container_fields(
    {
        "name": Scalar.RESOLVED,
        "firelensConfiguration": Record({"type": Scalar.TEXT, "options": MapOf(Scalar.TEXT, _ROUTER_OPTIONS)}),
        "logConfiguration": Record({"logDriver": Scalar.TEXT}),
    }
)

FEATURE = Feature(
    LOGS_AND_FILES,
    RULES,
    _SHAPE,
    FireLensOptions,
    firelens_items,
    log_options=_OUTPUT_OPTIONS,
    variables=(Variables("aws_fluent_bit_init_", re.compile(f"{_INIT_S3}.*")),),
)
