"""Volumes that imply nothing for the two roles, and what they imply elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import shown
from taskrole.taskdef.document import Node
from taskrole.taskdef.items import Item, Setting, finding, usable


def other_volume_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield notes on volumes of EBS and of Docker (EBS-1, DOCK-1)."""
    for volume in task.nodes("volumes"):
        yield from usable(_volume_items(volume))


def _volume_items(volume: Node) -> Iterator[Item]:
    if volume.flag("configuredAtLaunch"):
        message = (
            "needs an infrastructure role, named by the service or RunTask, with"
            " AmazonECSInfrastructureRolePolicyForVolumes, and more for a key of yours"
        )
        yield finding("EBS-1", "note", volume.field("configuredAtLaunch"), message)
    docker = volume.node("dockerVolumeConfiguration")
    driver = docker.text("driver") if docker else None
    if docker and driver not in (None, "local"):
        message = f"is of driver {shown(driver)}, which has credentials of its own or the instance's, not these roles'"
        yield finding("DOCK-1", "note", docker.field("driver"), message)
