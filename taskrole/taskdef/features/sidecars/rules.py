"""The rules for sidecars."""

from __future__ import annotations

from taskrole.taskdef.rule import DOCS, ECS, TASK, FieldRule

_IMAGE = "containerDefinitions[].image"
_MANAGED = f"{DOCS}/aws-managed-policy/latest/reference"
XRAY = (
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)

RULES = (
    FieldRule(
        "SIDE-XRAY",
        "option",
        "The X-Ray daemon; its actions have no resource types, or are on rules that are not known here",
        f"{_IMAGE}, option sidecars: xray",
        f"{_MANAGED}/AWSXRayDaemonWriteAccess.html",
        TASK,
        XRAY,
        "*",
        unseen=True,
    ),
    FieldRule(
        "SIDE-OTEL",
        "option",
        "The OpenTelemetry collector: traces, and logs and parameters that options name",
        f"{_IMAGE}, option sidecars: otel",
        f"{ECS}/trace-data.html",
        TASK,
        XRAY,
        "*; logs:… on sidecar_log_groups, ssm:GetParameters on sidecar_parameters",
        note="What it needs depends on its configuration, which a task definition does not show.",
        unseen=True,
    ),
    FieldRule(
        "SIDE-CWAGENT",
        "option",
        "The CloudWatch agent: metrics, and logs and parameters that options name",
        f"{_IMAGE}, option sidecars: cloudwatch-agent",
        f"{_MANAGED}/CloudWatchAgentServerPolicy.html",
        TASK,
        ("cloudwatch:PutMetricData",),
        "*; logs:… on sidecar_log_groups, ssm:GetParameter on sidecar_parameters",
        note="What it needs depends on its configuration, which a task definition does not show.",
        unseen=True,
    ),
    FieldRule(
        "SIDE-APPMESH",
        "option",
        "The Envoy of App Mesh, a service that ended on 2026-09-30",
        f"{_IMAGE}, option sidecars: appmesh",
        f"{DOCS}/app-mesh/latest/userguide/proxy-authorization.html",
        TASK,
        ("appmesh:StreamAggregatedResources",),
        "arn:P:appmesh:R:A:mesh/MESH/virtualNode/NODE",
        unseen=True,
    ),
    FieldRule(
        "SIDE-FIS",
        "option",
        "The SSM agent of Fault Injection Service, which registers the task as a managed instance",
        f"{_IMAGE}, option sidecars: fault-injection",
        f"{DOCS}/fis/latest/userguide/ecs-task-actions.html",
        TASK,
        ("ssm:AddTagsToResource", "ssm:CreateActivation"),
        "*; iam:PassRole on the role in MANAGED_INSTANCE_ROLE_NAME",
        verified=False,
        note="An activation has no ARN; that tagging one is checked against * is inferred.",
        unseen=True,
    ),
    FieldRule(
        "FIS-AGENT",
        "note",
        "Fault injection without the SSM agent, which Fault Injection Service needs",
        "enableFaultInjection",
        f"{DOCS}/fis/latest/userguide/ecs-task-actions.html",
    ),
)
