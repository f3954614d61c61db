"""Objects in S3: environment files, objects that other features read, and their buckets."""

from __future__ import annotations

from taskrole.taskdef.feature import LOGS_AND_FILES, Feature, container_fields
from taskrole.taskdef.features.s3_objects.buckets import BucketOptions
from taskrole.taskdef.features.s3_objects.environment_files import environment_file_items
from taskrole.taskdef.features.s3_objects.rules import RULES
from taskrole.taskdef.shape import ListOf, Record, Scalar

_SHAPE = container_fields(
    {
        "name": Scalar.RESOLVED,
        "environmentFiles": ListOf(Record({"type": Scalar.TEXT, "value": Scalar.RESOLVED})),
    }
)

FEATURE = Feature(LOGS_AND_FILES, RULES, _SHAPE, BucketOptions, environment_file_items)
