"""A task definition after a plan, as reviews see it. What reads one is apart: it takes longer than a small review."""

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

# The types of resources that define tasks.
TASK_TYPES = frozenset({TASK_DEFINITION, "aws_ecs_daemon_task_definition", "aws_ecs_express_gateway_service"})
# Their attributes, and blocks, that say what containers need.
_OF_CONTAINERS = ("container_definitions", "container_definition", "primary_container", "volume")


@dataclass(frozen=True)
class PlannedTask:
    """A task definition after the plan: the addresses of its roles by kind, what it needs, and what is wrong with it.

    `possible` is what it may need, with what is not known of it. A role that is none of the plan is not among the
    `roles`. The resources of the grants may be stand-ins. `place` is None where it is not known, or not needed, since
    none of its roles is in the plan.
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
        """Whether what it needs is sensitive: one password in an environment makes all container definitions so."""
        return is_sensitive(self.change)

    @cached_property
    def regions(self) -> Regions:
        """The regions in the ARNs of its grants, by their cause."""
        return regions_of(self.grants)


def grant_source(grant: Grant, task: PlannedTask) -> str:
    """Return why a task definition needs a grant and where it says so, in one clause."""
    if task.is_hidden:
        return f"a sensitive field of {task.address}"
    separator = "" if grant.source.startswith("/") else " "  # an option, which is in no task definition
    return f"{grant.because} ({task.address}{separator}{grant.source})"


def is_sensitive(change: Change) -> bool:
    """Return whether what a task needs is sensitive: one password in an environment makes all its containers so."""
    return any(change.is_hidden(key) for key in _OF_CONTAINERS)
