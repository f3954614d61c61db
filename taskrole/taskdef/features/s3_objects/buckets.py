"""Buckets: their owners, and what else reading from or writing to a bucket requires."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taskrole.arns import bucket_arn
from taskrole.grant import Condition, RoleKind
from taskrole.taskdef.document import Field
from taskrole.taskdef.feature_results import (
    Item,
    Setting,
    Used,
    finding,
    option_used,
    required_elsewhere,
)
from taskrole.taskdef.features.keys import KeyOptions, is_managed_by_aws
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import account, each, matching

BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")

bucket_name = matching(BUCKET, "must be the name of a bucket")


@options
class BucketOptions:
    """The owners of buckets."""

    bucket_owners: Mapping[str, str] = option(
        {}, "The account that owns each bucket, as a condition. Default: {}, no condition", check=each(account)
    )
    bucket_owner_is_task_account: bool = option(
        False, "Buckets not in bucket_owners belong to the task's account. Default: false, no condition"
    )


def written_items(
    field: Field, bucket: str, setting: Setting, needs: list[tuple[tuple[str, ...], str]]
) -> Iterator[Item]:
    """Yield what else writing to a bucket requires: a statement by its owner, and a note on its key (S3-KMS)."""
    yield from owner_items(field, bucket, setting, needs, role="task")
    names = (bucket, bucket_arn(setting.context.partition, bucket))
    name = next((alias for alias in names if alias in setting.options_of(KeyOptions).kms_keys), None)
    if name is None:
        return
    yield option_used("kms_keys", name)
    key = setting.options_of(KeyOptions).kms_keys[name]
    if not is_managed_by_aws(key):
        message = (
            f"goes to bucket {bucket}, but nothing is derived for its key in the option kms_keys: writing needs"
            " kms:GenerateDataKey, and kms:Decrypt for multipart uploads; grant both on"
            f" {key} to the task role yourself"
        )
        yield finding("S3-KMS", "warning", field, message)


def owner_conditions(bucket: str, setting: Setting) -> tuple[tuple[Condition, ...], list[Used]]:
    """Return the condition on the owner of a bucket, if an option names the owner (S3-3)."""
    owner = bucket_owner(bucket, setting)
    if owner is None:
        return (), []
    named = bucket in setting.options_of(BucketOptions).bucket_owners
    used = option_used("bucket_owners", bucket) if named else option_used("bucket_owner_is_task_account")
    return (("StringEquals", "aws:ResourceAccount", (owner,)),), [used]


def bucket_owner(bucket: str, setting: Setting) -> str | None:
    """Return the owner of a bucket from the options, or None."""
    owner = setting.options_of(BucketOptions).bucket_owners.get(bucket)
    if owner is None and setting.options_of(BucketOptions).bucket_owner_is_task_account:
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
    """Yield the statements that a bucket's owner must add, or a note if the owner is unknown."""
    owner = bucket_owner(bucket, setting)
    if owner is None:
        is_written = any("s3:PutObject" in actions for actions, _ in needs)
        where, verb = ("goes to", "receive what this task writes") if is_written else ("is in", "serve this task")
        message = (
            f"{where} bucket {bucket}, whose owner is not known; set it in the option bucket_owners, so that an account"
            f" that takes over the name cannot {verb}"
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
                because=f"The bucket policy of {bucket} must allow the {role} role of another account",
            )
