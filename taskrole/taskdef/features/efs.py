"""EFS: `volumes[].efsVolumeConfiguration`.

    authorizationConfig.iam      ENABLED: mounted with the task role (EFS-1); else the client is anonymous, and a grant
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
from taskrole.taskdef.failure import GITHUB, IN_CONTAINER, Failure
from taskrole.taskdef.feature import VOLUMES, Feature, volume_fields
from taskrole.taskdef.feature_results import (
    Item,
    Setting,
    finding,
    option_used,
    quote_text,
    unusable,
    usable,
)
from taskrole.taskdef.features.mounts import Mounts, unmounted, volumes_with_mounts
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import each, matching
from taskrole.taskdef.rule import API, DOCS, ECS, TASK, FieldRule
from taskrole.taskdef.shape import Record, Scalar

_EFS = "volumes[].efsVolumeConfiguration"
_EFS_PAGE = f"{DOCS}/efs/latest/ug/iam-access-control-nfs-efs.html"
_FILE_SYSTEM = "arn:P:elasticfilesystem:R:A:file-system/FS"
_MOUNT_DENIED = Failure(
    "stopped reason",
    "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: … access denied by"
    " server while mounting …",
    f"{GITHUB}/aws/copilot-cli/issues/3350",
)
_WRITE_DENIED = Failure("container's log", "Read-only file system, at the first write", _EFS_PAGE, stops=False)
_ROOT_DENIED = Failure(
    "container's log", "Permission denied, where only root may read or write", _EFS_PAGE, stops=False
)

_RULES = (
    FieldRule(
        "EFS-1",
        "grant",
        "Mount an EFS file system with IAM: write unless every mount is read-only, root only by option",
        f"{_EFS}.authorizationConfig.iam",
        _EFS_PAGE,
        TASK,
        ("elasticfilesystem:ClientMount",),
        f"{_FILE_SYSTEM} if elasticfilesystem:AccessPointArn is the access point's",
        failure=_MOUNT_DENIED,
        action_failures={
            "elasticfilesystem:ClientWrite": _WRITE_DENIED,
            "elasticfilesystem:ClientRootAccess": _ROOT_DENIED,
        },
    ),
    FieldRule(
        "EFS-2",
        "note",
        "Without IAM a client is anonymous, and a grant would have no effect",
        f"{_EFS}.authorizationConfig.iam",
        f"{ECS}/efs-best-practices.html",
    ),
    FieldRule(
        "EFS-3",
        "refused",
        "IAM and access points need transitEncryption: ENABLED",
        f"{_EFS}.transitEncryption",
        f"{API}/API_EFSVolumeConfiguration.html",
    ),
    FieldRule(
        "EFS-ROOT",
        "refused",
        "With an access point, rootDirectory must be absent or /, since the access point has its own",
        f"{_EFS}.rootDirectory",
        f"{API}/API_EFSVolumeConfiguration.html",
    ),
    FieldRule(
        "EFS-4",
        "option",
        "Let the mount helper find mount targets in other zones",
        "option efs_describe_mount_targets",
        f"{DOCS}/efs/latest/ug/mounting-fs-mount-helper.html",
        TASK,
        ("elasticfilesystem:DescribeMountTargets",),
        _FILE_SYSTEM,
        verified=False,
        note="AWS's managed policy has it; no page says that only this fallback needs it.",
        failure=IN_CONTAINER,
    ),
    FieldRule(
        "EFS-ID",
        "refused",
        "Ids of file systems (fs-) and access points (fsap-) are 8 to 40 hexadecimal digits",
        _EFS,
        f"{DOCS}/efs/latest/ug/API_FileSystemDescription.html",
    ),
    FieldRule(
        "EFS-VALUE",
        "refused",
        "iam and transitEncryption are ENABLED or DISABLED",
        _EFS,
        f"{API}/API_EFSVolumeConfiguration.html",
    ),
    FieldRule(
        "EFS-CONDITIONS",
        "fact",
        "EFS supports four condition keys; others, such as aws:ResourceAccount, have no effect",
        _EFS,
        _EFS_PAGE,
    ),
)

_EFS_OR_S3_ID = re.compile(r"fs-[0-9a-z]{8,40}")


@options
class EfsOptions:
    """Settings of EFS mounts that a task definition does not contain."""

    efs_root_access: tuple[str, ...] = option(
        (),
        "File systems, EFS or S3, where tasks act as root. Default: []",
        check=each(matching(_EFS_OR_S3_ID, "must be the id of a file system, fs-…")),
    )
    efs_secure_transport: bool = option(False, "Allow mounts only with encryption in transit. Default: false")
    efs_describe_mount_targets: bool = option(
        False, "Let the mount helper look for mount targets in other zones. Default: false"
    )


_FILE_SYSTEM_ID = re.compile(r"fs-[0-9a-f]{8,40}")
_ACCESS_POINT = re.compile(r"fsap-[0-9a-f]{8,40}")
_VALUES = ("ENABLED", "DISABLED")


def efs_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that mounting EFS volumes requires (EFS-1 to EFS-4)."""
    for volume, mounts in volumes_with_mounts(task):
        yield from usable(_volume_items(volume, mounts, setting))


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
    root = efs.text("rootDirectory")
    if access_point and root not in (None, "", "/"):
        message = f"must be absent or / with an access point, which has its own root directory; got {quote_text(root)}"
        yield finding("EFS-ROOT", "error", efs.field("rootDirectory"), message)
    if not iam:
        message = "is not ENABLED, so clients are anonymous and permissions of roles have no effect"
        yield finding("EFS-2", "note", authorization.field("iam"), message)
        return
    if not mounts.containers:
        yield unmounted(volume)
    yield from _grants(mounts, efs, authorization, setting)


def _enabled(node: Node, key: str) -> bool:
    text = node.text(key)
    if text not in (None, *_VALUES):
        raise unusable("EFS-VALUE", node.field(key), f"must be ENABLED or DISABLED; got {quote_text(text)}")
    return text == "ENABLED"


def _grants(mounts: Mounts, efs: Node, authorization: Node, setting: Setting) -> Iterator[Item]:
    file_system = efs.text("fileSystemId")
    if file_system is None or not _FILE_SYSTEM_ID.fullmatch(file_system):
        message = f"must be fs- and 8 to 40 hexadecimal digits; got {quote_text(file_system)}"
        raise unusable("EFS-ID", efs.field("fileSystemId"), message)
    conditions = _conditions(authorization, setting)
    actions = {"elasticfilesystem:ClientMount"}
    if mounts.is_written:
        actions.add("elasticfilesystem:ClientWrite")
    if file_system in setting.options_of(EfsOptions).efs_root_access:
        yield option_used("efs_root_access", file_system)
        actions.add("elasticfilesystem:ClientRootAccess")
    if setting.options_of(EfsOptions).efs_secure_transport:
        yield option_used("efs_secure_transport")
    arn = regional_arn(setting.context, "elasticfilesystem", f"file-system/{file_system}")
    field = authorization.field("iam")
    yield setting.grant("EFS-1", field, mounts.because, (arn,), actions=tuple(sorted(actions)), conditions=conditions)
    if setting.options_of(EfsOptions).efs_describe_mount_targets:
        yield option_used("efs_describe_mount_targets")
        yield setting.grant("EFS-4", field, "the mount helper looks for a mount target in another zone", (arn,))


def _conditions(authorization: Node, setting: Setting) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    access_point = authorization.text("accessPointId")
    if access_point is not None:
        if not _ACCESS_POINT.fullmatch(access_point):
            message = f"must be fsap- and 8 to 40 hexadecimal digits; got {quote_text(access_point)}"
            raise unusable("EFS-ID", authorization.field("accessPointId"), message)
        arn = regional_arn(setting.context, "elasticfilesystem", f"access-point/{access_point}")
        conditions.append(("StringEquals", "elasticfilesystem:AccessPointArn", (arn,)))
    if setting.options_of(EfsOptions).efs_secure_transport:
        conditions.append(("Bool", "aws:SecureTransport", ("true",)))
    return tuple(sorted(conditions))


_SHAPE = volume_fields(
    {
        "name": Scalar.TEXT,
        "efsVolumeConfiguration": Record(
            {
                "fileSystemId": Scalar.RESOLVED,
                "rootDirectory": Scalar.TEXT,
                "transitEncryption": Scalar.TEXT,
                "authorizationConfig": Record({"accessPointId": Scalar.RESOLVED, "iam": Scalar.TEXT}),
            }
        ),
    }
)

FEATURE = Feature(VOLUMES, _RULES, _SHAPE, EfsOptions, efs_items, needs=frozenset({"volumes"}))
