"""FireLens: the permissions that a log router's configuration and outputs require.

router.py covers the configuration that the router reads. outputs.py covers the logs that it sends with the task role,
as set in `logConfiguration.options` of the awsfirelens driver, based on the tables in plugins/.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taskrole.errors import quote
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import FIRELENS, Feature, LogOptions, Variables, container_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of, unusable, usable
from taskrole.taskdef.features.firelens.options import FireLensOptions
from taskrole.taskdef.features.firelens.outputs import ROLE_OPTIONS, output_items
from taskrole.taskdef.features.firelens.plugin import Output
from taskrole.taskdef.features.firelens.plugins.registry import PLUGINS
from taskrole.taskdef.features.firelens.router import INIT_S3, router_items
from taskrole.taskdef.features.firelens.rules import RULES
from taskrole.taskdef.features.firelens.run_time import INIT_PREFIX, has_init_process, with_known_variables
from taskrole.taskdef.shape import MapOf, Record, Scalar, pointer_step


def firelens_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that FireLens requires: for the router's configuration and for its outputs."""
    containers = list(task.nodes("containerDefinitions"))
    # Any firelensConfiguration, even an empty one, makes a container a router.
    routers = [container for container in containers if "firelensConfiguration" in container.data]
    for router in routers:
        yield from router_items(task, router, setting)
    for container in containers:
        yield from usable(_sender_items(task, container, routers, setting))


def _sender_items(task: Node, container: Node, routers: list[Node], setting: Setting) -> Iterator[Item]:
    log = container.node("logConfiguration")
    if log is None or log.text("logDriver") != "awsfirelens":
        return
    if not routers:
        message = "needs a container with firelensConfiguration, which routes its logs; add one"
        raise unusable("FL-ROUTER", log.field("logDriver"), message)
    options = _lower_case(log)
    if options is None:
        message = "has no options, so the router's configuration decides where its logs go; grant what it needs"
        yield finding("FL-VISIBLE", "note", log.place, message)
        return
    has_init = any(map(has_init_process, routers))
    if has_init:
        options = with_known_variables(options, task, setting)
    given = setting.options_of(FireLensOptions).firelens
    yield from output_items(Output(options, name_of(container), setting, given, has_init))


def _lower_case(log: Node) -> Node | None:
    """Return the options with keys in lower case, as Fluent Bit reads them; None if there are none."""
    options = log.node("options")
    if options is None or not options.data:
        return None
    lowered: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for key, value in options.data.items():
        if key.lower() in lowered:
            message = f"has the option {quote(key.lower())} twice, since Fluent Bit ignores case; remove one"
            raise unusable("FL-OPTION", options.place, message)
        lowered[key.lower()], spelled[key.lower()] = value, pointer_step(key)
    return Node(lowered, options.source, options.file, spelled, options.is_plain)


# Only the presence of these options matters, not their values.
_PRESENT = ("@type", *sorted({option for plugin in PLUGINS for option in plugin.options_present}))
_OF_PLUGINS = {option for plugin in PLUGINS for option in plugin.options}
_OUTPUT_OPTIONS = LogOptions(
    "awsfirelens", tuple(sorted({"name", *_PRESENT, *ROLE_OPTIONS, *_OF_PLUGINS})), present=_PRESENT
)
_ROUTER_OPTIONS = frozenset({"config-file-type", "config-file-value"})
_SHAPE = container_fields(
    {
        "name": Scalar.RESOLVED,
        "image": Scalar.TEXT,
        "firelensConfiguration": Record({"type": Scalar.TEXT, "options": MapOf(Scalar.TEXT, _ROUTER_OPTIONS)}),
        "logConfiguration": Record({"logDriver": Scalar.TEXT}),
    }
)

FEATURE = Feature(
    FIRELENS,
    RULES,
    _SHAPE,
    FireLensOptions,
    firelens_items,
    log_options=_OUTPUT_OPTIONS,
    variables=(Variables(INIT_PREFIX, INIT_S3),),
)
