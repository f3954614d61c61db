"""Amazon S3: `s3`, written in C.

Object keys start with the literal prefix of `s3_key_format`; without that option they are arbitrary.
Source: https://docs.fluentbit.io/manual/pipeline/outputs/s3
"""

from __future__ import annotations

import re

from taskrole.taskdef.failure import IN_ROUTER
from taskrole.taskdef.features.firelens.plugin import Name, Plugin, PluginCall, When
from taskrole.taskdef.features.firelens.plugins.common import EXAMPLES, FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.features.s3_objects.buckets import BUCKET
from taskrole.taskdef.rule import TASK, FieldRule

_RULE = FieldRule(
    "FL-6",
    "grant",
    "Output to S3; with canned_acl, also s3:PutObjectAcl",
    OPTIONS_FIELD,
    EXAMPLES,
    TASK,
    ("s3:PutObject",),
    "arn:P:s3:::BUCKET/KEY*, KEY the plain beginning of s3_key_format",
    failure=IN_ROUTER,
)
RULES = (_RULE,)

_OBJECTS = ("s3:::{bucket}/{key}",)
# A leading slash is not part of the key; tags, times and random strings begin with $ and %.
_KEY = Name(
    ("s3_key_format",),
    re.compile(r"[^\x00-\x1f]{0,1024}"),
    prefixes=frozenset({"s3_key_format"}),
    is_inner=True,
    cut=re.compile(r"^/|[$%].*", re.DOTALL),
)

PLUGINS = (
    Plugin(
        ("s3",),
        f"{FLUENT_BIT}/s3",
        _RULE,
        {"bucket": Name(("bucket",), BUCKET), "key": _KEY},
        (
            PluginCall(_RULE.actions, _OBJECTS, "bucket"),
            PluginCall(
                ("s3:PutObjectAcl",),
                _OBJECTS,
                "canned_acl",
                "the log router uploads the logs of {container} with an access control list",
                (When("canned_acl", "given"),),
            ),
        ),
        role="role_arn",
        bucket="bucket",
    ),
)
