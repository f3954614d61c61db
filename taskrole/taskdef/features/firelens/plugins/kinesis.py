"""Kinesis Data Streams: `kinesis_streams`, written in C, and `kinesis`, written in Go. Both make the same calls."""

from __future__ import annotations

import re

from taskrole.taskdef.failure import GITHUB, IN_ROUTER
from taskrole.taskdef.features.firelens.plugin import Name, Plugin, PluginCall
from taskrole.taskdef.features.firelens.plugins.common import EXAMPLES, FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.rule import TASK, FieldRule

_RULE = FieldRule(
    "FL-5",
    "grant",
    "Output to Kinesis",
    OPTIONS_FIELD,
    EXAMPLES,
    TASK,
    ("kinesis:PutRecords",),
    "arn:P:kinesis:R:A:stream/NAME",
    failure=IN_ROUTER,
)
RULES = (_RULE,)

_PARTS = {"stream": Name(("stream",), re.compile(r"[A-Za-z0-9_.-]{1,128}"))}
_CALLS = (PluginCall(_RULE.actions, ("kinesis:{region}:{account}:stream/{stream}",), "stream"),)

PLUGINS = (
    Plugin(("kinesis_streams",), f"{FLUENT_BIT}/kinesis", _RULE, _PARTS, _CALLS, role="role_arn"),
    Plugin(("kinesis",), f"{GITHUB}/aws/amazon-kinesis-streams-for-fluent-bit", _RULE, _PARTS, _CALLS, role="role_arn"),
)
