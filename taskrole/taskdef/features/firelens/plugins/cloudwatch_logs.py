"""CloudWatch Logs: `cloudwatch_logs`, written in C.

It always creates its streams, and the group only if an option says so, without looking them up first. It sets the
retention when it creates the group.
Source: https://github.com/fluent/fluent-bit/blob/master/plugins/out_cloudwatch_logs/cloudwatch_api.c
"""

from __future__ import annotations

import re

from taskrole.taskdef.failure import GITHUB, Failure
from taskrole.taskdef.features.firelens.plugin import Name, Plugin, PluginCall, When
from taskrole.taskdef.features.firelens.plugins.common import FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.features.logs import GROUP
from taskrole.taskdef.rule import TASK, FieldRule

DENIED = Failure(
    "router's log",
    "[error] [output:cloudwatch_logs:…] … API responded with error='AccessDeniedException'",
    f"{GITHUB}/aws/aws-for-fluent-bit/issues/177",
    stops=False,
)
STREAM = re.compile(r"[^:*]{1,512}")
# The ARN forms that actions on a group are checked with; the last is for CreateLogGroup only.
GROUP_ARN = "logs:{region}:{account}:log-group:{group}"
IN_GROUP = (GROUP_ARN, f"{GROUP_ARN}:*")
NEW_GROUP = (GROUP_ARN, f"{GROUP_ARN}:log-stream:")
STREAM_ARN = f"{GROUP_ARN}:log-stream:{{stream}}"
CREATES = "the log router creates the log group if it does not exist"
KEEPS = "the log router sets how long the log group keeps logs"

_RULE = FieldRule(
    "FL-7",
    "grant",
    "Output to CloudWatch Logs; creating the group and setting retention only where the output does",
    OPTIONS_FIELD,
    f"{FLUENT_BIT}/cloudwatch",
    TASK,
    ("logs:CreateLogStream", "logs:PutLogEvents"),
    "arn:P:logs:R:A:log-group:GROUP:log-stream:STREAM",
    failure=DENIED,
)
RULES = (_RULE,)

_CREATES = When("auto_create_group", "on")

PLUGINS = (
    Plugin(
        ("cloudwatch_logs",),
        f"{FLUENT_BIT}/cloudwatch",
        _RULE,
        {
            "group": Name(("log_group_name",), GROUP, templates=("log_group_template",)),
            "stream": Name(
                ("log_stream_name", "log_stream_prefix"),
                STREAM,
                prefixes=frozenset({"log_stream_prefix"}),
                templates=("log_stream_template",),
                is_inner=True,
            ),
        },
        (
            PluginCall(_RULE.actions, (STREAM_ARN,), "log_group_name"),
            PluginCall(("logs:CreateLogGroup",), NEW_GROUP, "auto_create_group", CREATES, (_CREATES,)),
            PluginCall(
                ("logs:PutRetentionPolicy",),
                IN_GROUP,
                "log_retention_days",
                KEEPS,
                (_CREATES, When("log_retention_days", "days")),
            ),
        ),
        role="role_arn",
    ),
)
