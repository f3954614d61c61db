"""Objects in S3: environment files, FireLens configuration and credential specs.

    arn:P:s3:::BUCKET/KEY    the only form the agent reads; access points and whole buckets do not work

IAM wildcards in the key are escaped.
Source: https://github.com/aws/amazon-ecs-agent/blob/master/agent/s3/s3.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from taskrole.arns import bucket_arn, is_exact, literal, object_arn
from taskrole.errors import BadValueError, quote
from taskrole.grant import RoleKind
from taskrole.taskdef.confidential import NOT_QUOTED, is_confidential, quoted
from taskrole.taskdef.document import Field
from taskrole.taskdef.feature_results import (
    Item,
    Setting,
    finding,
    quote_text,
    unusable,
)
from taskrole.taskdef.features.keys import Encrypted, decrypt_items
from taskrole.taskdef.features.s3_objects.buckets import BUCKET, owner_conditions, owner_items

_OBJECT = re.compile(rf"arn:(?P<partition>[a-z-]+):s3:::(?P<bucket>{BUCKET.pattern})/(?P<key>.+)", re.DOTALL)
LONGEST_KEY = 1024  # bytes


class S3Object(NamedTuple):
    """An object: its partition, bucket and key; `pattern` is the key escaped for a policy."""

    partition: str
    bucket: str
    key: str
    pattern: str


def parse_object(text: str) -> S3Object:
    """Return the object of an ARN. Raises BadValueError with the broken rule and the value."""
    match = _OBJECT.fullmatch(text)
    if not match:
        raise BadValueError(f"must be an object's ARN, arn:PARTITION:s3:::BUCKET/KEY; got {quote_text(text)}")
    key = match["key"]
    pattern = literal(key)
    if len(key.encode()) > LONGEST_KEY:
        raise BadValueError(f"must have a key of at most {LONGEST_KEY} bytes; got {len(key.encode())}")
    return S3Object(match["partition"], match["bucket"], key, pattern)


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
    """Yield what reading an object requires: the object, its bucket's region, its key, and a statement by the owner.

    `rules` are the rule for the object and the rule for the bucket.
    """
    try:
        s3_object = parse_object(text)
    except ValueError as error:
        message = f"must be an object's ARN; got {NOT_QUOTED}" if is_confidential(field.source) else str(error)
        raise unusable("S3-FORM", field, message) from None
    if s3_object.partition != setting.context.partition:
        message = f"must be in partition {setting.context.partition}, as the role; got {quoted(text, field.source)}"
        raise unusable("PARTITION", field, message)
    bucket = bucket_arn(s3_object.partition, s3_object.bucket)
    object_ = object_arn(s3_object.partition, s3_object.bucket, s3_object.pattern)
    if not is_exact(s3_object.key):
        message = (
            "has characters that a policy cannot have; the grant has ? for each, which matches any; "
            f"{quoted(s3_object.key, field.source)}"
        )
        yield finding("WILDCARD", "warning", field, message)
    conditions, used = owner_conditions(s3_object.bucket, setting)
    yield from used
    of_object = tuple(sorted({"s3:GetObject", *more_actions}))
    of_bucket = tuple(sorted({"s3:GetBucketLocation", *more_bucket_actions}))
    yield setting.grant(rules[0], field, because, [object_], actions=of_object, conditions=conditions, role=role)
    region = f"{because}; its bucket's region is looked up"
    yield setting.grant(rules[1], field, region, [bucket], actions=of_bucket, conditions=conditions, role=role)
    encrypted = Encrypted("s3", None, lambda: (text, s3_object.bucket, bucket), quote(text))
    yield from decrypt_items("S3-4", field, encrypted, setting, role=role)
    yield from owner_items(field, s3_object.bucket, setting, [(of_object, object_), (of_bucket, bucket)], role=role)
