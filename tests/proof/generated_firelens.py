"""Log routers of FireLens by chance, and where they send logs."""

from __future__ import annotations

from typing import Any

from tests.proof.generated_values import BUCKETS, object_arn
from tests.proof.setting import OTHER_ACCOUNT, Draft

STREAMS = ("app", "app-x", "ap", "App.1_x")
GROUPS = ("/ecs/app", "/ecs/app-other", "/router/app")


def router(draft: Draft, image: str, log: dict[str, Any]) -> dict[str, Any]:
    """Return the container that routes logs."""
    configuration: dict[str, Any] = {"type": "fluentbit"}
    if "FARGATE" not in draft.launch and draft.maybe(0.4):
        configuration["options"] = {"config-file-type": "s3", "config-file-value": object_arn(draft, ".conf")}
    elif draft.maybe(0.3):
        configuration["options"] = {"config-file-type": "file", "config-file-value": "/extra.conf"}
    made = {"name": "router", "image": image, "firelensConfiguration": configuration, "logConfiguration": log}
    count = draft.pick([0, 0, 1, 2])
    variables = [
        {"name": f"aws_fluent_bit_init_s3_{number}", "value": object_arn(draft, ".conf")}
        for number in range(1, count + 1)
    ]
    return {**made, "environment": variables} if variables else made


def router_options(draft: Draft) -> dict[str, str]:
    """Return the options of one output, its keys in the cases that people write them in."""
    name = draft.pick(["firehose", "kinesis", "s3", "cloudwatch", "cloudwatch", "es", "datadog"])
    options = _OUTPUTS[name](draft)
    if draft.maybe(0.15):
        options["role_arn"] = draft.place.arn("iam", "role/logs/writer", "", OTHER_ACCOUNT)
    key = draft.pick([str.lower, str.lower, str.title])
    return {key("name"): draft.pick(_SPELLINGS[name]), **options}


def _name(draft: Draft, names: tuple[str, ...]) -> str:
    name = draft.pick(names)
    if not draft.maybe(0.15):
        return name
    draft.options["templated_values"] = True
    return f"{name}$(ecs_task_id)"


def _firehose(draft: Draft) -> dict[str, str]:
    return {"delivery_stream": _name(draft, STREAMS), "region": draft.region()}


def _kinesis(draft: Draft) -> dict[str, str]:
    return {"stream": _name(draft, STREAMS), "region": draft.region()}


def _s3(draft: Draft) -> dict[str, str]:
    return {"bucket": draft.pick([*BUCKETS, "app-logs"]), "region": draft.region(), "total_file_size": "1M"}


def _cloudwatch(draft: Draft) -> dict[str, str]:
    options = {"log_group_name": _name(draft, GROUPS), "region": draft.region(), "log_stream_prefix": "from-"}
    if draft.maybe(0.4):
        options["auto_create_group"] = draft.pick(["true", "On", "false"])
    return options | ({"log_retention_days": "30"} if draft.maybe(0.3) else {})


def _opensearch(draft: Draft) -> dict[str, str]:
    host = draft.pick(["search-a.example.com", "search-b.example.com"])
    is_aws = draft.maybe(0.7)
    if is_aws:
        domains = draft.options.setdefault("opensearch_domains", {})
        domain = draft.place.arn("es", f"domain/{draft.pick(['logs', 'logs-x'])}", draft.region())
        domains.setdefault(host, domain)
    return {draft.pick(["Host", "host"]): host, draft.pick(["AWS_Auth", "Aws_auth"]): "On" if is_aws else "Off"}


def _datadog(draft: Draft) -> dict[str, str]:
    return {"Host": "http-intake.logs.datadoghq.com", "TLS": "on", "dd_service": "web"}


_OUTPUTS = {
    "firehose": _firehose,
    "kinesis": _kinesis,
    "s3": _s3,
    "cloudwatch": _cloudwatch,
    "es": _opensearch,
    "datadog": _datadog,
}
_SPELLINGS = {
    "firehose": ("firehose", "kinesis_firehose", "Firehose"),
    "kinesis": ("kinesis", "kinesis_streams"),
    "s3": ("s3", "S3"),
    "cloudwatch": ("cloudwatch", "cloudwatch_logs"),
    "es": ("es", "opensearch"),
    "datadog": ("datadog",),
}
