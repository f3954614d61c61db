"""Essential containers: the task stops when one of them stops.

Sources: `essential` and `dependsOn` in
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, container_fields
from taskrole.taskdef.shape import ListOf, Record, Scalar, Tolerant

# A container that starts and then fails still satisfies these conditions.
_HOLDS_AFTER_A_FAILURE = frozenset({"START", "COMPLETE"})


def expendable_containers(task: Node) -> frozenset[str]:
    """Return the JSON pointers of the containers that may start and fail without stopping the task.

    They are not essential, and no essential container waits for their success or health. A container with unknown
    dependencies is assumed to wait for all others.
    """
    containers = list(task.nodes("containerDefinitions"))
    needed = _needed(containers)
    waited_for = {
        dependency.name
        for container in needed
        for dependency in _dependencies(container)
        if not dependency.holds_after_a_failure
    }
    waiting_for_any = {container.source for container in needed if not _is_readable(container)}
    return frozenset(
        container.source
        for container in containers
        if not _is_essential(container) and _name(container) not in waited_for and waiting_for_any <= {container.source}
    )


def _is_essential(container: Node) -> bool:
    return container.data.get("essential") is not False


def _name(container: Node) -> str:
    """Return a container's name, or an empty string if it is unknown, which no dependency refers to."""
    name: Any = container.data.get("name")
    return name if isinstance(name, str) else ""


def _needed(containers: Sequence[Node]) -> list[Node]:
    """Return the essential containers, and all containers that they directly or indirectly depend on."""
    by_name: dict[str, list[Node]] = defaultdict(list)
    for container in containers:
        by_name[_name(container)].append(container)
    needed = [container for container in containers if _is_essential(container)]
    known = {container.source for container in needed}
    for container in needed:  # the loop extends this list
        names = {dependency.name for dependency in _dependencies(container)} if _is_readable(container) else by_name
        # `pop` makes sure that each name is visited once.
        more = [other for name in list(names) for other in by_name.pop(name, ()) if other.source not in known]
        needed += more
        known.update(other.source for other in more)
    return needed


@dataclass(frozen=True)
class _Dependency:
    """A container that another one waits for, by name, and whether the dependency is still met after it fails."""

    name: str
    holds_after_a_failure: bool


def _is_readable(container: Node) -> bool:
    """Return whether a container's dependencies are known; if not, it may depend on any other container."""
    value = container.data.get("dependsOn", [])
    return isinstance(value, list) and all(
        isinstance(entry, Mapping) and isinstance(entry.get("containerName"), str) for entry in value
    )


def _dependencies(container: Node) -> Iterator[_Dependency]:
    value = container.data.get("dependsOn", [])
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("containerName"), str):
            yield _Dependency(entry["containerName"], entry.get("condition") in _HOLDS_AFTER_A_FAILURE)


FEATURE = Feature(
    TASK_ENVIRONMENT,
    (),
    container_fields(
        {
            "name": Scalar.RESOLVED,
            "essential": Tolerant(Scalar.FLAG),
            "dependsOn": Tolerant(ListOf(Record({"containerName": Scalar.TEXT, "condition": Scalar.TEXT}))),
        }
    ),
)
