"""Objects in S3: environment files, and what FireLens and credential specs keep there.

    arn:P:s3:::BUCKET/KEY    the only form the agent reads; access points and whole buckets do not work

The key may hold anything, IAM's own wildcards included, which are escaped.
Source: https://github.com/aws/amazon-ecs-agent/blob/master/agent/s3/s3.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taskrole.arns import bucket_arn, is_exact, literal, object_arn
from taskrole.errors import shown
from taskrole.grant import Condition, RoleKind
from taskrole.taskdef.confidential import NOT_QUOTED, is_confidential, quoted
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.items import (
    Item,
    Setting,
    Used,
    finding,
    grant,
    name_of,
    option_used,
    required_elsewhere,
    told,
    unusable,
    usable,
)
from taskrole.taskdef.kms import Encrypted, decrypt_items, is_managed_by_aws
from taskrole.taskdef.launch import is_windows

BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")
_OBJECT = re.compile(rf"arn:(?P<partition>[a-z-]+):s3:::(?P<bucket>{BUCKET.pattern})/(?P<key>.+)", re.DOTALL)
LONGEST_KEY = 1024  # bytes
MOST_FILES = 10


@dataclass(frozen=True)
class S3Object:
    """An object: its partition, bucket and key, the key as a policy's resource matches it (`pattern`)."""

    partition: str
    bucket: str
    key: str
    pattern: str


def parse_object(text: str) -> S3Object:
    """Return the object of an ARN. Raises ValueError, its text naming the rule that is broken and the value."""
    found = _OBJECT.fullmatch(text)
    if not found:
        raise ValueError(f"must be an object's ARN, arn:PARTITION:s3:::BUCKET/KEY; got {told(text)}")
    key = found["key"]
    pattern = literal(key)
    if len(key.encode()) > LONGEST_KEY:
        raise ValueError(f"must have a key of at most {LONGEST_KEY} bytes; got {len(key.encode())}")
    return S3Object(found["partition"], found["bucket"], key, pattern)


def environment_file_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what reading environment files needs (S3-1 to S3-4)."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(task, container, setting))


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    files = list(container.nodes("environmentFiles"))
    if files and is_windows(task):
        message = "does not work on Windows, where ECS reads no environment files; use environment or secrets"
        raise unusable("S3-ENV", container.field("environmentFiles"), message)
    if len(files) > MOST_FILES:
        message = f"must be at most {MOST_FILES} files; got {len(files)}"
        yield finding("S3-ENV", "error", container.field("environmentFiles"), message)
    for file in files:
        yield from usable(_file_items(container, file, setting))


def _file_items(container: Node, file: Node, setting: Setting) -> Iterator[Item]:
    text, kind = file.text("value"), file.text("type")
    if text is None:
        raise unusable("S3-FORM", file.field("value"), "must be an object's ARN, arn:PARTITION:s3:::BUCKET/KEY")
    if kind != "s3":
        raise unusable(
            "S3-ENV", file.field("type"), f"must be s3, the one place of environment files; got {told(kind)}"
        )
    if not text.endswith(".env"):
        raise unusable("S3-ENV", file.field("value"), f"must name a file with the extension .env; got {told(text)}")
    because = f"{name_of(container)} starts with this environment file"
    yield from object_items(file.field("value"), text, setting, because)


def object_items(  # noqa: PLR0913 -- each caller differs in these
    field: Field,
    text: str,
    setting: Setting,
    because: str,
    *,
    rules: tuple[str, str] = ("S3-1", "S3-2"),
    role: RoleKind = "execution",
    more_actions: tuple[str, ...] = (),
    more_bucket_actions: tuple[str, ...] = (),
) -> Iterator[Item]:
    """Yield what reading one object needs: the object, its bucket's region, its key, its owner's consent.

    `rules` are those of the object and of the bucket; more actions on either where a caller has them.
    """
    try:
        found = parse_object(text)
    except ValueError as error:
        message = f"must be an object's ARN; got {NOT_QUOTED}" if is_confidential(field.source) else str(error)
        raise unusable("S3-FORM", field, message) from None
    if found.partition != setting.context.partition:
        message = f"must be in partition {setting.context.partition}, as the role; got {quoted(text, field.source)}"
        raise unusable("PARTITION", field, message)
    bucket = bucket_arn(found.partition, found.bucket)
    object_ = object_arn(found.partition, found.bucket, found.pattern)
    if not is_exact(found.key):
        message = (
            "holds characters that no policy can; the grant has ? for each, which matches any; "
            f"{quoted(found.key, field.source)}"
        )
        yield finding("WILDCARD", "warning", field, message)
    conditions, used = owner_conditions(found.bucket, setting)
    yield from used
    of_object = tuple(sorted({"s3:GetObject", *more_actions}))
    of_bucket = tuple(sorted({"s3:GetBucketLocation", *more_bucket_actions}))
    yield grant(rules[0], field, because, [object_], actions=of_object, conditions=conditions, role=role)
    region = f"{because}; its bucket's region is looked up"
    yield grant(rules[1], field, region, [bucket], actions=of_bucket, conditions=conditions, role=role)
    names = (text, found.bucket, bucket)
    yield from decrypt_items("S3-4", field, Encrypted("s3", None, names, shown(text)), setting, role=role)
    yield from owner_items(field, found.bucket, setting, [(of_object, object_), (of_bucket, bucket)], role=role)


def written_items(
    field: Field, bucket: str, setting: Setting, needs: list[tuple[tuple[str, ...], str]]
) -> Iterator[Item]:
    """Yield what else a bucket means that the task role writes to: its owner's consent, and its key (S3-KMS)."""
    yield from owner_items(field, bucket, setting, needs, role="task")
    names = (bucket, bucket_arn(setting.context.partition, bucket))
    name = next((one for one in names if one in setting.options.kms_keys), None)
    if name is None:
        return
    yield option_used("kms_keys", name)
    key = setting.options.kms_keys[name]
    if not is_managed_by_aws(key):
        message = (
            f"goes to bucket {bucket}, for whose key in the option kms_keys nothing is derived: S3 asks"
            " kms:GenerateDataKey of whoever writes, and kms:Decrypt for uploads in parts; grant both on"
            f" {key} to the task role yourself"
        )
        yield finding("S3-KMS", "warning", field, message)


def owner_conditions(bucket: str, setting: Setting) -> tuple[tuple[Condition, ...], list[Used]]:
    """Return the condition that a bucket is its owner's, where an option names the owner (S3-3)."""
    owner = bucket_owner(bucket, setting)
    if owner is None:
        return (), []
    named = bucket in setting.options.bucket_owners
    used = option_used("bucket_owners", bucket) if named else option_used("bucket_owner_is_task_account")
    return (("StringEquals", "aws:ResourceAccount", (owner,)),), [used]


def bucket_owner(bucket: str, setting: Setting) -> str | None:
    """Return the account that options say owns a bucket, or None."""
    owner = setting.options.bucket_owners.get(bucket)
    if owner is None and setting.options.bucket_owner_is_task_account:
        return setting.context.account
    return owner


def owner_items(
    field: Field,
    bucket: str,
    setting: Setting,
    needs: list[tuple[tuple[str, ...], str]],
    *,
    role: RoleKind,
) -> Iterator[Item]:
    """Yield what the owner of a bucket must add, or that nobody said who owns it."""
    owner = bucket_owner(bucket, setting)
    if owner is None:
        is_written = any("s3:PutObject" in actions for actions, _ in needs)
        where, danger = ("goes to", "is sent what this task writes") if is_written else ("is in", "serves this task")
        message = (
            f"{where} bucket {bucket}, whose owner is not named; name it in the option bucket_owners, so that nobody"
            f" who takes over the name {danger}"
        )
        yield finding("S3-3", "note", field, message)
    elif owner != setting.context.account:
        principal = setting.execution_role if role == "execution" else setting.task_role
        for actions, resource in needs:
            yield required_elsewhere(
                field,
                account=owner,
                service="s3",
                resource=bucket_arn(setting.context.partition, bucket),
                statement={
                    "Sid": "Object" if "/" in resource else "Bucket",
                    "Principal": {"AWS": principal},
                    "Action": actions[0] if len(actions) == 1 else list(actions),
                    "Resource": resource,
                },
                because=f"The bucket policy of {bucket} must let the {role} role of another account in",
            )
