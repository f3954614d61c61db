"""Containers and their names, which are unique within a task definition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, container_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, quote_text, usable
from taskrole.taskdef.rule import API, FieldRule
from taskrole.taskdef.shape import BROKEN, Scalar

_REGISTER = f"{API}/API_RegisterTaskDefinition.html"

_RULES = (
    FieldRule(
        "CONTAINERS", "refused", "A task definition has at least one container", "containerDefinitions", _REGISTER
    ),
    FieldRule(
        "NAME",
        "refused",
        "A container's name is 1 to 255 letters, digits, - and _, once in a task definition",
        "containerDefinitions[].name",
        f"{API}/API_ContainerDefinition.html",
    ),
)

# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def container_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield a finding for each invalid or duplicate container name, or for a task definition without containers."""
    seen: set[str] = set()
    if not task.has("containerDefinitions"):
        yield finding("CONTAINERS", "error", task.field("containerDefinitions"), "must have at least one container")
        return
    for container in task.nodes("containerDefinitions"):
        yield from usable(_name_items(container, seen))


def _name_items(container: Node, seen: set[str]) -> Iterator[Item]:
    name = container.text("name")
    if name is None or not NAME.fullmatch(name):
        message = f"must be 1 to 255 letters, digits, - and _; got {quote_text(name)}"
        yield finding("NAME", "error", container.field("name"), message)
    elif name in seen:
        message = f"must be the name of one container only; got {quote_text(name)} again"
        yield finding("NAME", "error", container.field("name"), message)
    else:
        seen.add(name)


def usable_name(container: Node) -> str | None:
    """Return a container's name if it is valid; `container_items` reports invalid names."""
    name = container.data.get("name")
    return name if name is not BROKEN and isinstance(name, str) and NAME.fullmatch(name) else None


FEATURE = Feature(TASK_ENVIRONMENT, _RULES, container_fields({"name": Scalar.RESOLVED}), items=container_items)
