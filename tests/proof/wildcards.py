"""Every wildcard that a policy may have, with its rule. Any other is too wide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import as_list, statements_of

_TRACES = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
)

# On all resources: actions without resource types, and their rules.
EVERYTHING: Mapping[str, str] = {
    "ecr:GetAuthorizationToken": "IMG-1, GD-1",
    "fsx:DescribeFileSystems": "FSX-3",
    "ssmmessages:CreateControlChannel": "EXE-1",
    "ssmmessages:CreateDataChannel": "EXE-1",
    "ssmmessages:OpenControlChannel": "EXE-1",
    "ssmmessages:OpenDataChannel": "EXE-1",
    "logs:DescribeLogGroups": "EXE-2, EXE-5, SIDE-OTEL, SIDE-CWAGENT",
    "s3:GetBucketLocation": "EXE-3",
    **dict.fromkeys(_TRACES, "SIDE-XRAY, SIDE-OTEL, SIDE-CWAGENT"),
    "cloudwatch:PutMetricData": "SIDE-CWAGENT",
    "ssm:CreateActivation": "SIDE-FIS",
    "ssm:AddTagsToResource": "SIDE-FIS",
}

_ARN = r"arn:[a-z-]+:"
_HERE = r":[a-z0-9-]+:[0-9]{12}:"
_PLAIN = r"[^*?]+"
# A character above U+00FF, which a policy can only match by a wildcard.
_ONE_EACH = r"[^*]+"
# With consent, each variable in a name.
_VARIABLES = r"(\*[^*?:]*)*"
_GROUP = rf"{_ARN}logs{_HERE}log-group:{_PLAIN}{_VARIABLES}"
_STREAMS = rf"{_GROUP}:(\*|log-stream:({_ONE_EACH})?{_VARIABLES})"

# In part of an ARN, by action: the forms, and their rules.
IN_PART: Mapping[str, tuple[str, str]] = {
    "secretsmanager:GetSecretValue": (
        rf"{_ARN}secretsmanager{_HERE}secret:{_PLAIN}-\?{{6}}",
        "SM-2, RC-2, RC-3, SSM-6",
    ),
    "ecr:BatchGetImage": (rf"{_ARN}ecr:[a-z0-9-]+:\*:repository/aws-guardduty-agent-fargate", "GD-1"),
    "ecr:GetDownloadUrlForLayer": (rf"{_ARN}ecr:[a-z0-9-]+:\*:repository/aws-guardduty-agent-fargate", "GD-1"),
    "ecr:BatchCheckLayerAvailability": (rf"{_ARN}ecr:[a-z0-9-]+:\*:repository/aws-guardduty-agent-fargate", "IMG-3"),
    "logs:CreateLogStream": (_STREAMS, "LOG-1, LOG-2, FL-7, FL-7-GO, EXE-2, EXE-5, SIDE-OTEL, SIDE-CWAGENT"),
    "logs:PutLogEvents": (_STREAMS, "LOG-1, LOG-2, FL-7, FL-7-GO, EXE-2, EXE-5, SIDE-OTEL, SIDE-CWAGENT"),
    "logs:DescribeLogStreams": (rf"{_GROUP}(:\*)?", "FL-7-GO, EXE-2, EXE-5, SIDE-OTEL, SIDE-CWAGENT"),
    "logs:PutRetentionPolicy": (rf"{_GROUP}(:\*)?", "FL-7, FL-7-GO, SIDE-OTEL, SIDE-CWAGENT"),
    "logs:TagResource": (rf"{_GROUP}(:\*)?", "FL-7-GO"),
    "logs:CreateLogGroup": (rf"{_GROUP}(:\*|:log-stream:)?", "FL-7, FL-7-GO, SIDE-OTEL, SIDE-CWAGENT"),
    "s3:GetObject": (rf"{_ARN}s3:::{_PLAIN}/({_ONE_EACH}|\*)", "S3-1, FL-1, FL-2, GM-1, S3F-2"),
    "s3:GetObjectVersion": (rf"{_ARN}s3:::{_PLAIN}/({_ONE_EACH}|\*)", "GM-1, S3F-2"),
    "s3:PutObject": (rf"{_ARN}s3:::{_PLAIN}/({_ONE_EACH})?\*", "FL-6, EXE-3"),
    "s3:PutObjectAcl": (rf"{_ARN}s3:::{_PLAIN}/({_ONE_EACH})?\*", "FL-6"),
    "firehose:PutRecordBatch": (rf"{_ARN}firehose{_HERE}deliverystream/{_PLAIN}{_VARIABLES}", "FL-4"),
    "kinesis:PutRecords": (rf"{_ARN}kinesis{_HERE}stream/{_PLAIN}{_VARIABLES}", "FL-5"),
    "es:ESHttpPost": (rf"{_ARN}es{_HERE}domain/{_PLAIN}/\*", "FL-8"),
}
DENIED = (re.compile(rf"{_ARN}secretsmanager:\*:\*:secret:ecs-sc!\*"), "SM-DENY")
_ESCAPED = re.compile(r"\$\{[*?$]\}")


def unasked_wildcards(policies: Iterable[Policy]) -> Iterator[str]:
    """Yield the wildcards of policies without a rule."""
    for policy in policies:
        for statement in statements_of(policy.document):
            yield from _unasked(statement)


def _unasked(statement: Mapping[str, Any]) -> Iterator[str]:
    for action in as_list(statement["Action"]):
        if "*" in action or "?" in action:
            yield f"action {action}"
        for resource in as_list(statement["Resource"]):
            if not _is_asked_for(statement["Effect"], action, resource):
                yield f"{statement['Effect']} {action} on {resource}"


def _is_asked_for(effect: str, action: str, resource: str) -> bool:
    if effect == "Deny":
        return DENIED[0].fullmatch(resource) is not None
    if resource == "*":
        return action in EVERYTHING
    plain = _ESCAPED.sub("_", resource)
    if "*" not in plain and "?" not in plain:
        return True
    form = IN_PART.get(action)
    return form is not None and re.fullmatch(form[0], plain, re.DOTALL) is not None
