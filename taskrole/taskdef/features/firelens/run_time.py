"""Variables that the init image of AWS for Fluent Bit sets when the task starts: `${AWS_REGION}`, `${ECS_CLUSTER}`.

Region and family are known here; the others are known only when the task runs.
Source: https://github.com/aws/aws-for-fluent-bit/tree/mainline/use_cases/init-process-for-fluent-bit
"""

from __future__ import annotations

import re
from typing import Any

from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import Setting

# The variables of the router that its init process reads.
INIT_PREFIX = "aws_fluent_bit_init_"
INIT_VARIABLE = re.compile(
    r"\$\{(?:AWS_AVAILABILITY_ZONE|ECS_(?:LAUNCH_TYPE|CLUSTER|TASK_ARN|TASK_ID|REVISION|TASK_DEFINITION))\}"
)
# These have the same value for all tasks of a service, so users can set it.
_SAME = ("ecs_cluster", "ECS_CLUSTER", "ECS_LAUNCH_TYPE")
_IMAGE = re.compile(r"(?:.*/)?aws-for-fluent-bit:init[^/@]*(?:@.*)?", re.DOTALL)
_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")


def has_init_process(router: Node) -> bool:
    """Return whether a log router's image sets these variables, judging by its tag or its environment variables."""
    image = router.data.get("image")
    if isinstance(image, str) and _IMAGE.fullmatch(image):
        return True
    return any((variable.text("name") or "").startswith(INIT_PREFIX) for variable in router.nodes("environment"))


def with_known_variables(options: Node, task: Node, setting: Setting) -> Node:
    """Return log options with the known variables of the init image filled in."""
    known = {"${AWS_REGION}": setting.context.region}
    family = task.data.get("family")
    if isinstance(family, str) and _FAMILY.fullmatch(family):
        known["${ECS_FAMILY}"] = family
    return options._replace(data={key: _filled(value, known) for key, value in options.data.items()})


def is_same_for_all_tasks(variable: str) -> bool:
    """Return whether a variable such as `$(ecs_cluster)` has the same value for all tasks of a service."""
    return variable.strip("${}()") in _SAME


def _filled(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, str):
        for variable, text in known.items():
            value = value.replace(variable, text)
    return value
