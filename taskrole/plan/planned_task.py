"""A task definition after a plan, for reviews. The reader is a separate module, because it is slow to import."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.grant import Grant, RoleKind
from taskrole.plan.model import TASK_DEFINITION, Change, Unresolved
from taskrole.policy.evaluation.grant_calls import Regions, regions_of

if TYPE_CHECKING:
    from taskrole.taskdef.feature_results import PossibleNeed

# The resource types that define tasks.
TASK_TYPES = frozenset({TASK_DEFINITION, "aws_ecs_daemon_task_definition", "aws_ecs_express_gateway_service"})
# Attributes and blocks that determine what the containers need.
_OF_CONTAINERS = ("container_definitions", "container_definition", "primary_container", "volume")


@dataclass(frozen=True)
class PlannedTask:
    """A task definition after the plan: the addresses of its roles by kind, the grants it needs, and its problems.

    `possible` are grants it may need, each with the reason. `roles` contains only roles of the plan. Resources of
    grants may be symbolic ARNs. `place` is None if it is unknown, or not needed because none of the roles is in the
    plan.
    """

    address: str
    change: Change
    roles: Mapping[RoleKind, str]
    grants: tuple[Grant, ...] = ()
    findings: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    place: Context | None = None
    possible: tuple[PossibleNeed, ...] = ()

    @cached_property
    def is_hidden(self) -> bool:
        """Whether the grants are sensitive: one secret in an environment makes all container definitions sensitive."""
        return is_sensitive(self.change)

    @cached_property
    def regions(self) -> Regions:
        """The regions in the ARNs of the grants, by cause."""
        return regions_of(self.grants)


def grant_source(grant: Grant, task: PlannedTask) -> str:
    """Return the reason for a grant and its field in the task definition, as one clause."""
    if task.is_hidden:
        return f"a sensitive field of {task.address}"
    separator = "" if grant.source.startswith("/") else " "  # An option, which is not a field of the task definition.
    return f"{grant.because} ({task.address}{separator}{grant.source})"


def is_sensitive(change: Change) -> bool:
    """Return whether the needs of a task are sensitive: one secret in an environment makes all containers sensitive."""
    return any(change.is_hidden(key) for key in _OF_CONTAINERS)
