"""CloudWatch Logs: `cloudwatch`, written in Go.

It looks up streams before it creates them, fills variables into names, and falls back to default names.
Source: https://github.com/aws/amazon-cloudwatch-logs-for-fluent-bit
"""

from __future__ import annotations

from taskrole.taskdef.failure import GITHUB
from taskrole.taskdef.features.firelens.plugin import Name, Plugin, PluginCall, When
from taskrole.taskdef.features.firelens.plugins.cloudwatch_logs import (
    CREATES,
    DENIED,
    IN_GROUP,
    KEEPS,
    NEW_GROUP,
    STREAM,
    STREAM_ARN,
)
from taskrole.taskdef.features.firelens.plugins.common import OPTIONS_FIELD
from taskrole.taskdef.features.logs import GROUP
from taskrole.taskdef.rule import TASK, FieldRule

_PAGE = f"{GITHUB}/aws/amazon-cloudwatch-logs-for-fluent-bit"
_RULE = FieldRule(
    "FL-7-GO",
    "grant",
    "Output to CloudWatch Logs by the plugin written in Go; it looks for streams, and tags the groups that it creates",
    OPTIONS_FIELD,
    _PAGE,
    TASK,
    ("logs:PutLogEvents",),
    "arn:P:logs:R:A:log-group:GROUP:log-stream:STREAM; logs:DescribeLogStreams on the group",
    failure=DENIED,
)
RULES = (_RULE,)

_CREATES = When("auto_create_group", "true")

PLUGINS = (
    Plugin(
        ("cloudwatch",),
        _PAGE,
        _RULE,
        {
            "group": Name(("log_group_name",), GROUP, fallback=("default_log_group_name", "fluentbit-default")),
            "stream": Name(
                ("log_stream_prefix", "log_stream_name"),
                STREAM,
                prefixes=frozenset({"log_stream_prefix"}),
                fallback=("default_log_stream_name", "/fluentbit-default"),
                is_inner=True,
            ),
        },
        (
            PluginCall(_RULE.actions, (STREAM_ARN,), "log_group_name"),
            PluginCall(
                ("logs:CreateLogStream",),
                (STREAM_ARN,),
                "log_group_name",
                when=(When("auto_create_stream", "not false"),),
            ),
            PluginCall(
                ("logs:DescribeLogStreams",),
                IN_GROUP,
                "log_group_name",
                "the log router forwards the logs of {container}, and looks for its streams",
            ),
            PluginCall(("logs:CreateLogGroup",), NEW_GROUP, "auto_create_group", CREATES, (_CREATES,)),
            PluginCall(
                ("logs:TagResource",),
                IN_GROUP,
                "new_log_group_tags",
                "the log router tags the log group that it creates",
                (_CREATES, When("new_log_group_tags", "given")),
            ),
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
