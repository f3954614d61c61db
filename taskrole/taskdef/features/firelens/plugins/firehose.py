"""Amazon Data Firehose: `kinesis_firehose`, written in C, and `firehose`, written in Go. Both make the same calls."""

from __future__ import annotations

import re

from taskrole.taskdef.failure import GITHUB, Failure
from taskrole.taskdef.features.firelens.plugin import Name, Plugin, PluginCall
from taskrole.taskdef.features.firelens.plugins.common import FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.rule import ECS, TASK, FieldRule

_DENIED = Failure(
    "router's log",
    "[firehose …] PutRecordBatch failed with AccessDeniedException: … is not authorized to perform:"
    " firehose:PutRecordBatch …",
    f"{GITHUB}/terraform-aws-modules/terraform-aws-ecs/issues/381",
    stops=False,
)
_RULE = FieldRule(
    "FL-4",
    "grant",
    "Output to Firehose",
    OPTIONS_FIELD,
    f"{ECS}/using_firelens.html",
    TASK,
    ("firehose:PutRecordBatch",),
    "arn:P:firehose:R:A:deliverystream/NAME",
    verified=False,
    note="AWS's example allows it on *; the narrower ARN follows the service's general form.",
    failure=_DENIED,
)
RULES = (_RULE,)

_PARTS = {"stream": Name(("delivery_stream",), re.compile(r"[A-Za-z0-9_.-]{1,64}"))}
_CALLS = (PluginCall(_RULE.actions, ("firehose:{region}:{account}:deliverystream/{stream}",), "delivery_stream"),)

PLUGINS = (
    Plugin(("kinesis_firehose",), f"{FLUENT_BIT}/firehose", _RULE, _PARTS, _CALLS, role="role_arn"),
    Plugin(
        ("firehose",),
        f"{GITHUB}/aws/amazon-kinesis-firehose-for-fluent-bit",
        _RULE,
        _PARTS,
        _CALLS,
        role="role_arn",
    ),
)
