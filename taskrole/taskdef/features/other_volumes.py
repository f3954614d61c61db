"""Volumes that need no permission in either role, with notes on what they need elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import quote
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import VOLUMES, Feature, volume_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, usable
from taskrole.taskdef.rule import ECS, FieldRule
from taskrole.taskdef.shape import Record, Scalar

_RULES = (
    FieldRule(
        "EBS-1",
        "note",
        "Volumes configured at launch need an infrastructure role, named by the service and not here",
        "volumes[].configuredAtLaunch",
        f"{ECS}/infrastructure_IAM_role.html",
    ),
    FieldRule(
        "DOCK-1",
        "note",
        "Docker, host and bind volumes need no permission; third-party drivers use their own credentials",
        "volumes[].dockerVolumeConfiguration",
        f"{ECS}/docker-volumes.html",
    ),
)


def other_volume_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield notes on volumes of EBS and of Docker (EBS-1, DOCK-1)."""
    for volume in task.nodes("volumes"):
        yield from usable(_volume_items(volume))


def _volume_items(volume: Node) -> Iterator[Item]:
    if volume.flag("configuredAtLaunch"):
        message = (
            "needs an infrastructure role, named by the service or RunTask, with"
            " AmazonECSInfrastructureRolePolicyForVolumes, and more for a customer managed key"
        )
        yield finding("EBS-1", "note", volume.field("configuredAtLaunch"), message)
    docker = volume.node("dockerVolumeConfiguration")
    driver = docker.text("driver") if docker else None
    if docker and driver not in (None, "local"):
        message = f"has the driver {quote(driver)}, which uses its own credentials or the instance's, not these roles"
        yield finding("DOCK-1", "note", docker.field("driver"), message)


_SHAPE = volume_fields(
    {"configuredAtLaunch": Scalar.FLAG, "dockerVolumeConfiguration": Record({"driver": Scalar.TEXT})}
)

FEATURE = Feature(VOLUMES, _RULES, _SHAPE, items=other_volume_items, needs=frozenset({"volumes"}))
