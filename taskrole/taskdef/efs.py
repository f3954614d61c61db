"""EFS: `volumes[].efsVolumeConfiguration`.

    authorizationConfig.iam      ENABLED: the task role mounts it (EFS-1); else the client is anonymous, and a grant
                                 would have no effect (EFS-2)
    authorizationConfig.accessPointId    a condition on the grant
    transitEncryption            must be ENABLED with either (EFS-3)

Sources: https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.arns import regional_arn
from taskrole.grant import Condition
from taskrole.taskdef.document import Node
from taskrole.taskdef.items import Item, Setting, finding, grant, option_used, told, unusable, usable
from taskrole.taskdef.mounts import Mounts, mounts_by_volume, unmounted

_FILE_SYSTEM = re.compile(r"fs-[0-9a-f]{8,40}")
_ACCESS_POINT = re.compile(r"fsap-[0-9a-f]{8,40}")
_VALUES = ("ENABLED", "DISABLED")


def efs_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what mounting EFS volumes needs (EFS-1 to EFS-4)."""
    mounts = mounts_by_volume(task)
    for volume in task.nodes("volumes"):
        of_volume = mounts.get(volume.data.get("name") or "", Mounts())
        yield from usable(_volume_items(volume, of_volume, setting))


def _volume_items(volume: Node, mounts: Mounts, setting: Setting) -> Iterator[Item]:
    efs = volume.node("efsVolumeConfiguration")
    if efs is None:
        return
    authorization = efs.node("authorizationConfig") or Node({}, f"{efs.source}/authorizationConfig", efs.file)
    iam = _enabled(authorization, "iam")
    access_point = authorization.text("accessPointId")
    if not _enabled(efs, "transitEncryption") and (iam or access_point):
        message = "must be ENABLED, since IAM or an access point is used"
        yield finding("EFS-3", "error", efs.field("transitEncryption"), message)
    if not iam:
        message = "is not ENABLED, so that clients are anonymous and no role's permission has an effect"
        yield finding("EFS-2", "note", authorization.field("iam"), message)
        return
    if not mounts.containers:
        yield unmounted(volume)
    yield from _grants(mounts, efs, authorization, setting)


def _enabled(node: Node, key: str) -> bool:
    text = node.text(key)
    if text not in (None, *_VALUES):
        raise unusable("EFS-VALUE", node.field(key), f"must be ENABLED or DISABLED; got {told(text)}")
    return text == "ENABLED"


def _grants(mounts: Mounts, efs: Node, authorization: Node, setting: Setting) -> Iterator[Item]:
    file_system = efs.text("fileSystemId")
    if file_system is None or not _FILE_SYSTEM.fullmatch(file_system):
        message = f"must be fs- and 8 to 40 hexadecimal digits; got {told(file_system)}"
        raise unusable("EFS-ID", efs.field("fileSystemId"), message)
    conditions = _conditions(authorization, setting)
    actions = {"elasticfilesystem:ClientMount"}
    if mounts.is_written:
        actions.add("elasticfilesystem:ClientWrite")
    if file_system in setting.options.efs_root_access:
        yield option_used("efs_root_access", file_system)
        actions.add("elasticfilesystem:ClientRootAccess")
    if setting.options.efs_secure_transport:
        yield option_used("efs_secure_transport")
    arn = regional_arn(setting.context, "elasticfilesystem", f"file-system/{file_system}")
    field = authorization.field("iam")
    yield grant("EFS-1", field, mounts.because, (arn,), actions=tuple(sorted(actions)), conditions=conditions)
    if setting.options.efs_describe_mount_targets:
        yield option_used("efs_describe_mount_targets")
        yield grant("EFS-4", field, "the mount helper looks for a mount target in another zone", (arn,))


def _conditions(authorization: Node, setting: Setting) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    access_point = authorization.text("accessPointId")
    if access_point is not None:
        if not _ACCESS_POINT.fullmatch(access_point):
            message = f"must be fsap- and 8 to 40 hexadecimal digits; got {told(access_point)}"
            raise unusable("EFS-ID", authorization.field("accessPointId"), message)
        arn = regional_arn(setting.context, "elasticfilesystem", f"access-point/{access_point}")
        conditions.append(("StringEquals", "elasticfilesystem:AccessPointArn", (arn,)))
    if setting.options.efs_secure_transport:
        conditions.append(("Bool", "aws:SecureTransport", ("true",)))
    return tuple(sorted(conditions))
