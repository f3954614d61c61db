"""The log routers of FireLens: section 5.3 of AWS's rules, and the sources of the plugins."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.proof.agent.needs import ANYTHING, TASK, Need, Place, exactly
from tests.proof.agent.storage import object_needs, written_objects

ON = ("on", "true", "yes", "1")
VARIABLE = re.compile(r"\$\([^)]*\)|\$[a-z]+\['[a-z]+'\]")
# A name that an output uses in this run, and the expression of all names in other runs.
Names = list[tuple[str, str]]


def router_needs(place: Place, container: Mapping[str, Any]) -> Iterator[Need]:
    """Yield the calls by which a log router reads its own configuration."""
    options = container["firelensConfiguration"].get("options") or {}
    if options.get("config-file-type") == "s3":
        yield from object_needs(place, options["config-file-value"], "FL-1")
    for variable in container.get("environment") or ():
        if variable["name"].startswith("aws_fluent_bit_init_s3_"):
            yield from object_needs(place, variable["value"], "FL-2", role=TASK)


def output_needs(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    """Yield the calls of one output; the keys of its options are in lower case."""
    name = options.get("name", "").lower()
    if name not in OUTPUTS:
        return
    make, role_option, switch = OUTPUTS[name]
    if switch and options.get(switch, "").lower() not in ON:
        return
    if options.get(role_option):
        role = options[role_option]
        yield Need(TASK, "sts:AssumeRole", role, exactly(role), "FL-9", {})
    else:
        yield from make(place, options)


def _name(text: str) -> tuple[str, str]:
    plain = [exactly(part) for part in VARIABLE.split(text)]
    return VARIABLE.sub("0f1e2d", text), ANYTHING.join(plain)


def _named(place: Place, service: str, kind: str, name: str, region: str) -> tuple[str, str]:
    literal_name, all_ = _name(name)
    arn = place.arn(service, kind, region=region)
    return f"{arn}/{literal_name}", f"{exactly(arn)}/{all_}"


def _firehose(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    arn, scope = _named(place, "firehose", "deliverystream", options["delivery_stream"], options["region"])
    yield Need(TASK, "firehose:PutRecordBatch", arn, scope, "FL-4", {})


def _kinesis(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    arn, scope = _named(place, "kinesis", "stream", options["stream"], options["region"])
    yield Need(TASK, "kinesis:PutRecords", arn, scope, "FL-5", {})


def _s3(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    folder = options.get("s3_key_format", "$TAG").split("$")[0].removeprefix("/")
    actions = ["s3:PutObject", *(["s3:PutObjectAcl"] if "canned_acl" in options else [])]
    yield from written_objects(place, options["bucket"], folder, rule="FL-6", actions=actions)


def _streams(prefix: str | None, name: str | None) -> Names:
    return [(f"{prefix}app-firelens", exactly(prefix) + ANYTHING)] if prefix else [_name(name or "")]


def _cloudwatch_in_c(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    templates = [options[key] for key in ("log_group_template",) if key in options]
    groups = [_name(text) for text in (options["log_group_name"], *templates)]
    streams = _streams(options.get("log_stream_prefix"), options.get("log_stream_name"))
    streams += [_name(options[key]) for key in ("log_stream_template",) if key in options]
    yield from _on_streams(place, options, groups, streams, ("CreateLogStream", "PutLogEvents"))
    if options.get("auto_create_group", "").lower() in ON:
        yield from _on_groups(place, options, groups, "CreateLogGroup", "(:log-stream:)?")
        if int(options.get("log_retention_days", "0")) > 0:
            yield from _on_groups(place, options, groups, "PutRetentionPolicy", "(:.*)?")


def _cloudwatch_in_go(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    groups = _with_default(options["log_group_name"], options.get("default_log_group_name"), "fluentbit-default")
    streams = _streams(options.get("log_stream_prefix"), options.get("log_stream_name"))
    if "log_stream_prefix" not in options:
        default = options.get("default_log_stream_name")
        streams = _with_default(options["log_stream_name"], default, "/fluentbit-default")
    creates = () if options.get("auto_create_stream", "").lower() == "false" else ("CreateLogStream",)
    yield from _on_streams(place, options, groups, streams, (*creates, "PutLogEvents"))
    yield from _on_groups(place, options, groups, "DescribeLogStreams", "(:.*)?")
    if options.get("auto_create_group", "").lower() == "true":
        yield from _on_groups(place, options, groups, "CreateLogGroup", "(:log-stream:)?")
        if int(options.get("log_retention_days", "0")) > 0:
            yield from _on_groups(place, options, groups, "PutRetentionPolicy", "(:.*)?")
        if options.get("new_log_group_tags"):
            yield from _on_groups(place, options, groups, "TagResource", "(:.*)?")


def _with_default(name: str, given: str | None, default: str) -> Names:
    # The id of the task is always known, the content of records is not.
    may_fail = "$(user)" in name
    others = [given] if given and VARIABLE.search(name) else [default] if may_fail else []
    return [_name(text) for text in (name, *others)]


def _on_streams(
    place: Place, options: Mapping[str, str], groups: Names, streams: Names, actions: tuple[str, ...]
) -> Iterator[Need]:
    prefix = place.arn("logs", "log-group:", region=options["region"])
    for (group, all_groups), (stream, all_streams) in itertools.product(groups, streams):
        for action in actions:
            scope = f"{exactly(prefix)}{all_groups}:log-stream:{all_streams}"
            yield Need(TASK, f"logs:{action}", f"{prefix}{group}:log-stream:{stream}", scope, "FL-7", {})


def _on_groups(place: Place, options: Mapping[str, str], groups: Names, action: str, ending: str) -> Iterator[Need]:
    prefix = place.arn("logs", "log-group:", region=options["region"])
    for group, all_groups in groups:
        for form in ("", ":log-stream:"):
            scope = f"{exactly(prefix)}{all_groups}{ending}"
            yield Need(TASK, f"logs:{action}", f"{prefix}{group}{form}", scope, "FL-7", {})


def _opensearch(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    yield from _signed(options.get("aws_service_name", "es").lower(), place, options)


def _of_service(default: str) -> Callable[[Place, Mapping[str, str]], Iterator[Need]]:
    return lambda place, options: _signed(options.get("aws_service", default).lower(), place, options)


# A host with other characters is not a valid destination.
_HOST = re.compile(r"[a-z0-9.-]+")


def _signed(service: str, place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    first, region, *_ = options["host"].split(".")
    if service == "es":
        domain = place.options.firelens.opensearch_domains[options["host"]]
        yield Need(TASK, "es:ESHttpPost", f"{domain}/_bulk", f"{exactly(domain)}/.*", "FL-8", {})
    elif service == "aoss":
        arn = place.arn("aoss", f"collection/{first}", region=region)
        yield Need(TASK, "aoss:APIAccessAll", arn, exactly(arn), "FL-13", {})
    elif service == "osis" and _HOST.fullmatch(options["host"]):
        named = place.options.firelens.endpoints.get(options["host"])
        arn = named or place.arn("osis", f"pipeline/{first.rpartition('-')[0]}", region=region)
        yield Need(TASK, "osis:Ingest", arn, exactly(arn), "FL-11", {})
    elif service == "aps":
        arn = place.arn("aps", f"workspace/{options['uri'].split('/')[2]}", region=region)
        yield Need(TASK, "aps:RemoteWrite", arn, exactly(arn), "FL-11", {})


def _kafka(place: Place, options: Mapping[str, str]) -> Iterator[Need]:
    cluster = options["aws_msk_iam_cluster_arn"]
    yield Need(TASK, "kafka-cluster:Connect", cluster, exactly(cluster), "FL-12", {})
    if options.get("rdkafka.enable.idempotence", "").lower() in ON:
        yield Need(TASK, "kafka-cluster:WriteDataIdempotently", cluster, exactly(cluster), "FL-12", {})
    for topic in options.get("topics", "fluent-bit").split(","):
        arn = cluster.replace(":cluster/", ":topic/") + f"/{topic}"
        for action in ("DescribeTopic", "WriteData"):
            yield Need(TASK, f"kafka-cluster:{action}", arn, exactly(arn), "FL-12", {})


# The calls of each plugin, the option for its role, and the option that enables signing.
OUTPUTS: dict[str, tuple[Callable[[Place, Mapping[str, str]], Iterator[Need]], str, str]] = {
    "firehose": (_firehose, "role_arn", ""),
    "kinesis_firehose": (_firehose, "role_arn", ""),
    "kinesis": (_kinesis, "role_arn", ""),
    "kinesis_streams": (_kinesis, "role_arn", ""),
    "s3": (_s3, "role_arn", ""),
    "cloudwatch": (_cloudwatch_in_go, "role_arn", ""),
    "cloudwatch_logs": (_cloudwatch_in_c, "role_arn", ""),
    "es": (_opensearch, "aws_role_arn", "aws_auth"),
    "opensearch": (_opensearch, "aws_role_arn", "aws_auth"),
    "http": (_of_service(""), "aws_role_arn", "aws_auth"),
    "opentelemetry": (_of_service("logs"), "aws_role_arn", "aws_auth"),
    "prometheus_remote_write": (_of_service("aps"), "aws_role_arn", "aws_auth"),
    "kafka": (_kafka, "", "aws_msk_iam"),
}
