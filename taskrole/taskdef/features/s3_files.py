"""S3 file systems: `volumes[].s3filesVolumeConfiguration`, always mounted with the task role.

    fileSystemArn     arn:P:s3files:R:A:file-system/FS
    accessPointArn    arn:P:s3files:R:A:file-system/FS/access-point/AP, a condition on the grant

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/s3files-volumes.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-prereq-policies.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taskrole.arns import ACCOUNT, Arn, bucket_arn, parse_arn
from taskrole.errors import quote
from taskrole.grant import Condition
from taskrole.taskdef.document import Node
from taskrole.taskdef.failure import IN_CONTAINER, STOPS
from taskrole.taskdef.feature import VOLUMES, Feature, volume_fields
from taskrole.taskdef.feature_results import (
    Item,
    Setting,
    finding,
    option_used,
    quote_text,
    required_elsewhere,
    unusable,
    usable,
)
from taskrole.taskdef.features.efs import EfsOptions
from taskrole.taskdef.features.keys import Encrypted, decrypt_items
from taskrole.taskdef.features.mounts import Mounts, unmounted, volumes_with_mounts
from taskrole.taskdef.features.s3_objects.buckets import bucket_name, owner_conditions, owner_items
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import each
from taskrole.taskdef.rule import DOCS, ECS, TASK, FieldRule
from taskrole.taskdef.shape import Record, Scalar

_S3_FILES = "volumes[].s3filesVolumeConfiguration"
_READ_DIRECTLY = ("s3:GetObject", "s3:GetObjectVersion")

_RULES = (
    FieldRule(
        "S3F-1",
        "grant",
        "Mount an S3 file system, always with IAM: write unless every mount is read-only, root only by option",
        _S3_FILES,
        f"{DOCS}/service-authorization/latest/reference/list_s3files.html",
        TASK,
        ("s3files:ClientMount",),
        "the file system's ARN if s3files:AccessPointArn is the access point's",
        failure=STOPS,
    ),
    FieldRule(
        "S3F-2",
        "option",
        "Read the bucket behind an S3 file system directly, bypassing its file permissions",
        "option s3_files_buckets",
        f"{DOCS}/AmazonS3/latest/userguide/s3-files-prereq-policies.html",
        TASK,
        _READ_DIRECTLY,
        "arn:P:s3:::BUCKET/*; s3:ListBucket on arn:P:s3:::BUCKET",
        failure=IN_CONTAINER,
        unseen=True,
    ),
    FieldRule(
        "S3F-FORM",
        "refused",
        "S3 file systems and their access points are given by ARN",
        _S3_FILES,
        f"{ECS}/s3files-volumes.html",
    ),
)


@options
class S3FilesOptions:
    """Settings of S3 file systems that a task definition does not contain."""

    s3_files_buckets: Mapping[str, str] = option(
        {},
        "The bucket behind each S3 file system, by ARN or id. Default: {}, no direct reads",
        check=each(bucket_name),
    )


_FILE_SYSTEM = re.compile(r"file-system/(fs-[0-9a-z]{8,40})")
_ACCESS_POINT = re.compile(r"file-system/(fs-[0-9a-z]{8,40})/access-point/fsap-[0-9a-z]{8,40}")


def s3_file_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that mounting S3 file systems requires (S3F-1, S3F-2)."""
    for volume, mounts in volumes_with_mounts(task):
        yield from usable(_volume_items(volume, mounts, setting))


def _volume_items(volume: Node, mounts: Mounts, setting: Setting) -> Iterator[Item]:
    node = volume.node("s3filesVolumeConfiguration")
    if node is None:
        return
    file_system, id_ = _arn(node, "fileSystemArn", _FILE_SYSTEM, setting)
    conditions: tuple[Condition, ...] = ()
    if node.has("accessPointArn"):
        access_point, owner = _arn(node, "accessPointArn", _ACCESS_POINT, setting)
        if owner != id_:
            message = f"must be an access point of {id_}; got {quote(str(access_point))}"
            raise unusable("S3F-FORM", node.field("accessPointArn"), message)
        conditions = (("StringEquals", "s3files:AccessPointArn", (str(access_point),)),)
    if not mounts.containers:
        yield unmounted(volume)
    actions = {"s3files:ClientMount"}
    if mounts.is_written:
        actions.add("s3files:ClientWrite")
    if id_ in setting.options_of(EfsOptions).efs_root_access:
        yield option_used("efs_root_access", id_)
        actions.add("s3files:ClientRootAccess")
    field = node.field("fileSystemArn")
    allowed = tuple(sorted(actions))
    yield setting.grant("S3F-1", field, mounts.because, [str(file_system)], actions=allowed, conditions=conditions)
    if file_system.account != setting.context.account:
        yield required_elsewhere(
            field,
            account=file_system.account,
            service="s3files",
            resource=str(file_system),
            statement={
                "Sid": "MountByEcsTasks",
                "Principal": {"AWS": setting.task_role},
                "Action": list(allowed),
                "Resource": str(file_system),
            },
            because="The file system's policy must let the task role of another account mount it",
        )
    yield from _direct_reads(node, str(file_system), id_, setting)


def _direct_reads(node: Node, arn: str, id_: str, setting: Setting) -> Iterator[Item]:
    buckets, field = setting.options_of(S3FilesOptions).s3_files_buckets, node.field("fileSystemArn")
    name = next((name for name in (arn, id_) if name in buckets), None)
    if name is None:
        message = (
            "is backed by an unknown bucket; for direct reads, which bypass its file permissions, set the"
            f" bucket in the option s3_files_buckets: {{{id_}: BUCKET}}"
        )
        yield finding("S3F-2", "note", field, message)
        return
    yield option_used("s3_files_buckets", name)
    message = "is also read directly from its bucket, where its file permissions do not apply"
    yield finding("S3F-2", "warning", field, message)
    bucket = bucket_arn(setting.context.partition, buckets[name])
    objects, listed = f"{bucket}/*", ("s3:ListBucket",)
    conditions, used = owner_conditions(buckets[name], setting)
    yield from used
    because = "the mount helper reads large files directly from the bucket"
    yield setting.grant("S3F-2", field, because, [objects], conditions=conditions)
    yield setting.grant("S3F-2", field, because, [bucket], actions=listed, conditions=conditions)
    needs = [(_READ_DIRECTLY, objects), (listed, bucket)]
    yield from owner_items(field, buckets[name], setting, needs, role="task")
    encrypted = Encrypted("s3", None, lambda: (buckets[name], bucket), f"bucket {buckets[name]}")
    yield from decrypt_items("S3-4", field, encrypted, setting, role="task")


def _arn(node: Node, key: str, form: re.Pattern[str], setting: Setting) -> tuple[Arn, str]:
    """Return a parsed ARN and the id of its file system."""
    text, field = node.text(key) or "", node.field(key)
    try:
        arn = parse_arn(text)
    except ValueError as error:
        raise unusable("S3F-FORM", field, str(error)) from None
    match = form.fullmatch(arn.resource)
    if arn.service != "s3files" or not match or not arn.region or not ACCOUNT.fullmatch(arn.account):
        message = (
            f"must be arn:P:s3files:REGION:ACCOUNT:file-system/FS, or an access point of it; got {quote_text(text)}"
        )
        raise unusable("S3F-FORM", field, message)
    if arn.partition != setting.context.partition:
        message = f"must be in partition {setting.context.partition}, as the role; got {quote_text(text)}"
        raise unusable("PARTITION", field, message)
    return arn, match[1]


_SHAPE = volume_fields(
    {
        "name": Scalar.TEXT,
        "s3filesVolumeConfiguration": Record({"fileSystemArn": Scalar.RESOLVED, "accessPointArn": Scalar.RESOLVED}),
    }
)

FEATURE = Feature(VOLUMES, _RULES, _SHAPE, S3FilesOptions, s3_file_items, needs=frozenset({"volumes"}))
