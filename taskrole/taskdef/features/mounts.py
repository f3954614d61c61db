"""Mounts of volumes, and whether they are read-only: `containerDefinitions[].mountPoints[]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.taskdef.document import Node, UnusableError
from taskrole.taskdef.feature import VOLUMES, Feature
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of
from taskrole.taskdef.rule import API, FieldRule
from taskrole.taskdef.shape import BROKEN, ListOf, Record, Scalar

_RULES = (
    FieldRule(
        "MOUNT",
        "note",
        "A mount without a volume, or a volume without a mount",
        "containerDefinitions[].mountPoints[].sourceVolume",
        f"{API}/API_MountPoint.html",
        note="No page says that volumesFrom only repeats mounts of another container.",
    ),
)


@dataclass(frozen=True)
class Mounts:
    """All mounts of a volume: the containers, and whether any of the mounts is writable."""

    containers: tuple[str, ...] = ()
    is_written: bool = False

    @property
    def because(self) -> str:
        """The reason stated in grants."""
        how = "to read and write" if self.is_written else "to read"
        return f"mounted {how} by {' and '.join(self.containers) or 'no container'}"


def volumes_with_mounts(task: Node) -> Iterator[tuple[Node, Mounts]]:
    """Yield the readable volumes of a task definition, each with its mounts."""
    mounts = _mounts_by_volume(task)
    for volume in task.nodes("volumes"):
        yield volume, mounts.get(volume.data.get("name") or "", Mounts())


def _mounts_by_volume(task: Node) -> Mapping[str, Mounts]:
    """Return the mounts by volume name; a mount is writable unless it is readOnly."""
    containers: dict[str, dict[str, None]] = {}
    written: set[str] = set()
    for container, mount in _mounts(task):
        volume, is_read_only = mount.data.get("sourceVolume"), mount.data.get("readOnly", False)
        if isinstance(volume, str) and is_read_only is not BROKEN:
            containers.setdefault(volume, {})[name_of(container)] = None
            if not is_read_only:
                written.add(volume)
    return {volume: Mounts(tuple(names), volume in written) for volume, names in containers.items()}


def mount_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield a finding for each mount without a volume."""
    try:
        volumes = {volume.data.get("name") for volume in task.nodes("volumes")}
    except UnusableError:
        return
    for _, mount in _mounts(task):
        name = mount.data.get("sourceVolume")
        if isinstance(name, str) and name and name not in volumes:
            message = f"must be the name of one of the task's volumes; got {quote(name)}"
            yield finding("MOUNT", "warning", mount.field("sourceVolume"), message)


def unmounted(volume: Node) -> Item:
    """Return the warning about a volume that no container mounts."""
    message = "is not mounted by any container; only reading is granted; remove it if it is not needed"
    return finding("MOUNT", "warning", volume.field("name"), message)


def _mounts(task: Node) -> Iterator[tuple[Node, Node]]:
    for container in task.nodes("containerDefinitions"):
        if container.data.get("mountPoints") is not BROKEN:
            for mount in container.nodes("mountPoints"):
                yield container, mount


_MOUNT = Record({"sourceVolume": Scalar.TEXT, "readOnly": Scalar.FLAG})
_SHAPE = Record(
    {
        "containerDefinitions": ListOf(Record({"name": Scalar.RESOLVED, "mountPoints": ListOf(_MOUNT)})),
        "volumes": ListOf(Record({"name": Scalar.TEXT})),
    }
)

FEATURE = Feature(VOLUMES, _RULES, _SHAPE, items=mount_items, needs=frozenset({"mountPoints"}))
