"""The log router's own configuration, read from S3 with the execution role (FL-1) or by its init process (FL-2).

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html,
https://github.com/aws/aws-for-fluent-bit/tree/mainline/use_cases/init-process-for-fluent-bit
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of, unusable, usable
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.features.firelens.run_time import INIT_PREFIX
from taskrole.taskdef.features.s3_objects.objects import object_items

INIT_S3 = re.compile(rf"{INIT_PREFIX}[sS]3.*")
_INIT_FILE = re.compile(rf"{INIT_PREFIX}[fF]ile.*")
_UNSEEN = "may have outputs, which cannot be seen here; grant what they need yourself"


def router_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that a log router requires to read its configuration."""
    yield from usable(_configuration_items(task, container, setting))
    for variable in container.nodes("environment"):
        yield from usable(_variable_items(container, variable, setting))


def _configuration_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    router = container.node("firelensConfiguration")
    options = router.node("options") if router else None
    if options is None:
        return
    kind, value = options.text("config-file-type"), options.text("config-file-value")
    field = options.field("config-file-value")
    if kind is None and value is None:
        return
    yield finding("FL-VISIBLE", "warning", field, _UNSEEN)
    if kind != "s3":
        return
    if "FARGATE" in compatibilities(task):
        message = "must be file on Fargate, where the router's configuration cannot come from S3; got s3"
        raise unusable("FL-1", options.field("config-file-type"), message)
    (text,) = options.resolved("config-file-value")
    because = f"{name_of(container)} routes logs by this configuration"
    yield from object_items(field, text or "", setting, because, rules=("FL-1", "FL-1"))


def _variable_items(container: Node, variable: Node, setting: Setting) -> Iterator[Item]:
    name = variable.text("name") or ""
    if not INIT_S3.fullmatch(name) and not _INIT_FILE.fullmatch(name):
        return
    yield finding("FL-VISIBLE", "warning", variable.field("value"), _UNSEEN)
    if INIT_S3.fullmatch(name):
        (text,) = variable.resolved("value")
        because = f"the init process of {name_of(container)} reads this configuration"
        rules = ("FL-2", "FL-2")
        yield from object_items(variable.field("value"), text or "", setting, because, rules=rules, role="task")
