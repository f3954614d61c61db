"""Random log routers of FireLens and their destinations."""

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
    """Return the options of an output, with keys in the cases that users write."""
    name = draft.pick([*_OUTPUTS, "cloudwatch", "cloudwatch_logs"])
    options = _OUTPUTS[name](draft)
    if draft.maybe(0.15):
        # Each plugin reads one of them; without signed requests, none.
        role_option = draft.pick(["role_arn", "aws_role_arn", "AWS_Role_ARN"])
        options[role_option] = draft.place.arn("iam", "role/logs/writer", "", OTHER_ACCOUNT)
    key = draft.pick([str.lower, str.lower, str.title])
    return {key("name"): draft.pick(_SPELLINGS.get(name, (name,))), **options}


def _name(draft: Draft, names: tuple[str, ...], variable: str = "$(ecs_task_id)") -> str:
    name = draft.pick(names)
    if not draft.maybe(0.15):
        return name
    draft.options["templated_values"] = True
    return f"{name}{variable}{draft.pick(['', '', '-x'])}"


def _firehose(draft: Draft) -> dict[str, str]:
    return {"delivery_stream": _name(draft, STREAMS), "region": draft.region()}


def _kinesis(draft: Draft) -> dict[str, str]:
    return {"stream": _name(draft, STREAMS), "region": draft.region()}


def _s3(draft: Draft) -> dict[str, str]:
    options = {"bucket": draft.pick([*BUCKETS, "app-logs"]), "region": draft.region(), "total_file_size": "1M"}
    if draft.maybe(0.4):
        options["s3_key_format"] = draft.pick(["/$TAG/%Y", "/app/web/$TAG/%Y", "/app-$TAG[0]", "/a*b/$UUID"])
    return options | ({"canned_acl": "bucket-owner-full-control"} if draft.maybe(0.3) else {})


def _stream(draft: Draft) -> dict[str, str]:
    return draft.pick([{"log_stream_prefix": "from-"}, {"Log_Stream_Name": draft.pick(["app", "web/app"])}])


def _cloudwatch_in_c(draft: Draft) -> dict[str, str]:
    options = {"log_group_name": _name(draft, GROUPS), "region": draft.region(), **_stream(draft)}
    if draft.maybe(0.2):
        draft.options["templated_values"] = True
        options["log_group_template"] = f"{draft.pick(GROUPS)}-$kubernetes['app']"
    if draft.maybe(0.2):
        options["log_stream_template"] = "pod.$kubernetes['pod']"
    if draft.maybe(0.4):
        options["auto_create_group"] = draft.pick(["true", "On", "false"])
    return options | ({"log_retention_days": draft.pick(["30", "0"])} if draft.maybe(0.4) else {})


def _cloudwatch_in_go(draft: Draft) -> dict[str, str]:
    variable = draft.pick(["$(ecs_task_id)", "$(user)"])
    options = {"log_group_name": _name(draft, GROUPS, variable), "region": draft.region(), **_stream(draft)}
    if draft.maybe(0.2):
        options.pop("Log_Stream_Name", None)
        options.pop("log_stream_prefix", None)
        options["log_stream_name"] = draft.pick(["$(ecs_task_id)", "web-$(user)", "$(user)/$(ecs_task_id)"])
    for option, values in _GO_OPTIONS.items():
        if draft.maybe(0.4):
            options[option] = draft.pick(values)
    return options


_GO_OPTIONS = {
    "default_log_group_name": ("/router/fallback",),
    "default_log_stream_name": ("fallback",),
    "auto_create_group": ("true", "True", "On", "false"),
    "auto_create_stream": ("true", "false", "FALSE"),
    "new_log_group_tags": ("team=app",),
    "log_retention_days": ("30", "0"),
}


def _opensearch(draft: Draft) -> dict[str, str]:
    switch = {draft.pick(["AWS_Auth", "Aws_auth"]): "On" if draft.maybe(0.7) else "Off"}
    host = draft.pick(["search-a.example.com", "search-b.example.com"])
    if "On" in switch.values():
        domains = draft.options.setdefault("opensearch_domains", {})
        domain = draft.place.arn("es", f"domain/{draft.pick(['logs', 'logs-x'])}", draft.region())
        domains.setdefault(host, domain)
    return {draft.pick(["Host", "host"]): host, **switch}


def _collection(draft: Draft) -> dict[str, str]:
    host = f"abc123.{draft.region()}.aoss.{draft.place.suffix}"
    return {"Host": host, "AWS_Service_Name": "aoss", "AWS_Auth": draft.pick(["On", "On", "Off"])}


def _http(draft: Draft) -> dict[str, str]:
    service = {"aws_auth": draft.pick(["true", "on", "on", "false"]), "aws_service": "osis"}
    if draft.maybe(0.3):
        host = "ingest.example.com"
        pipeline = draft.place.arn("osis", "pipeline/app-logs", draft.region())
        if service["aws_auth"] != "false":
            draft.options.setdefault("endpoints", {}).setdefault(host, pipeline)
        return {"Host": host, **service}
    return {"Host": f"app-logs-{'a1b2c3d4e5' * 2}.{draft.region()}.osis.{draft.place.suffix}", **service}


def _prometheus(draft: Draft) -> dict[str, str]:
    uri = "/workspaces/ws-1a2b3c/api/v1/remote_write"
    return {"Host": f"aps-workspaces.{draft.region()}.{draft.place.suffix}", "uri": uri, "aws_auth": "on"}


def _opentelemetry(draft: Draft) -> dict[str, str]:
    return {"Host": f"logs.{draft.region()}.{draft.place.suffix}", "aws_auth": draft.pick(["on", "off"])}


def _kafka(draft: Draft) -> dict[str, str]:
    cluster = draft.place.arn("kafka", "cluster/app/0a1b2c3d-0000-1111-2222-333344445555-1", draft.region())
    options = {"aws_msk_iam": draft.pick(["true", "true", "false"]), "aws_msk_iam_cluster_arn": cluster}
    if draft.maybe():
        options["topics"] = draft.pick(["app", "app,app-x"])
    return options | ({"rdkafka.enable.idempotence": "true"} if draft.maybe(0.3) else {})


def _datadog(draft: Draft) -> dict[str, str]:
    return {"Host": "http-intake.logs.datadoghq.com", "TLS": "on", "dd_service": "web"}


_OUTPUTS = {
    "firehose": _firehose,
    "kinesis": _kinesis,
    "s3": _s3,
    "cloudwatch": _cloudwatch_in_go,
    "cloudwatch_logs": _cloudwatch_in_c,
    "es": _opensearch,
    "opensearch": _collection,
    "http": _http,
    "opentelemetry": _opentelemetry,
    "prometheus_remote_write": _prometheus,
    "kafka": _kafka,
    "datadog": _datadog,
}
_SPELLINGS = {
    "firehose": ("firehose", "kinesis_firehose", "Firehose"),
    "kinesis": ("kinesis", "kinesis_streams"),
    "s3": ("s3", "S3"),
    "es": ("es", "opensearch"),
    "opensearch": ("opensearch", "OpenSearch", "es"),
}
