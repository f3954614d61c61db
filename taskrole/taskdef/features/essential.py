"""Essential containers: those whose end stops the task.

Sources: `essential` and `dependsOn` in
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import SURROUNDINGS, Feature, container_fields
from taskrole.taskdef.shape import ListOf, Record, Scalar, Tolerant

# The conditions that hold for a container that has started and ended with an error.
_HOLDS_AFTER_A_FAILURE = frozenset({"START", "COMPLETE"})


def expendable_containers(task: Node) -> frozenset[str]:
    """Return the JSON pointers of the containers that may start and fail without stopping the task.

    They are not essential, and no essential container waits for their success or health. What is not known counts
    against it.
    """
    containers = list(task.nodes("containerDefinitions"))
    return frozenset(
        container.source for container in containers if not any(map(_is_essential, _lost_with(container, containers)))
    )


def _is_essential(container: Node) -> bool:
    return container.data.get("essential") is not False


def _lost_with(container: Node, containers: Sequence[Node]) -> list[Node]:
    """Return a container and all those that never start where it starts and fails."""
    lost, waiting = [container], [other for other in containers if other.source != container.source]
    for failed in lost:  # grows: who waits for a container that never starts, never starts either
        has_started = failed is container
        waits = [other for other in waiting if _waits_in_vain(other, failed.data.get("name"), has_started=has_started)]
        lost += waits
        waiting = [other for other in waiting if other not in waits]
    return lost


def _waits_in_vain(container: Node, name: Any, *, has_started: bool) -> bool:
    return any(
        dependency.get("containerName") == name
        and not (has_started and dependency.get("condition") in _HOLDS_AFTER_A_FAILURE)
        for dependency in _dependencies(container, name)
    )


def _dependencies(container: Node, name: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what a container depends on; what cannot be read as a dependency on the one that is asked for."""
    value = container.data.get("dependsOn", [])
    for dependency in value if isinstance(value, list) else [None]:
        if isinstance(dependency, Mapping) and isinstance(dependency.get("containerName"), str):
            yield dependency
        else:
            yield {"containerName": name}


FEATURE = Feature(
    SURROUNDINGS,
    (),
    container_fields(
        {
            "name": Scalar.RESOLVED,
            "essential": Tolerant(Scalar.FLAG),
            "dependsOn": Tolerant(ListOf(Record({"containerName": Scalar.TEXT, "condition": Scalar.TEXT}))),
        }
    ),
)
