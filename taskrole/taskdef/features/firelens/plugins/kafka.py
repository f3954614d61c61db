"""Amazon MSK with IAM authentication: `kafka`, written in C.

Source: https://docs.fluentbit.io/manual/pipeline/outputs/kafka,
https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.arns import Arn, parse_arn
from taskrole.taskdef.failure import IN_ROUTER
from taskrole.taskdef.feature_results import Item, finding, quote_text, unusable
from taskrole.taskdef.features.firelens.plugin import Output, Plugin, When
from taskrole.taskdef.features.firelens.plugins.common import FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.features.firelens.table import is_met
from taskrole.taskdef.rule import DOCS, TASK, FieldRule

_RULE = FieldRule(
    "FL-12",
    "grant",
    "Output to a cluster of Amazon MSK with IAM authentication",
    OPTIONS_FIELD,
    f"{DOCS}/msk/latest/developerguide/kafka-actions.html",
    TASK,
    ("kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"),
    "arn:P:kafka:R:A:topic/CLUSTER/ID/TOPIC; kafka-cluster:Connect on the cluster",
    failure=IN_ROUTER,
)
RULES = (
    _RULE,
    FieldRule(
        "FL-TOPICS",
        "note",
        "Topics that records name cannot be seen",
        OPTIONS_FIELD,
        f"{FLUENT_BIT}/kafka",
        unseen=True,
    ),
)

_CLUSTER = re.compile(r"cluster/(?P<name>[A-Za-z0-9-]{1,64}/[A-Za-z0-9-]{1,64})")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_DEFAULT_TOPIC = "fluent-bit"
_IDEMPOTENCE, _DYNAMIC = "rdkafka.enable.idempotence", "dynamic_topic"


def _items(plugin: Plugin, output: Output) -> Iterator[Item]:
    options, rule = output.options, plugin.rule.id
    cluster = _cluster(output)
    field = options.field("aws_msk_iam_cluster_arn")
    who = f"the log router forwards the logs of {output.container}"
    yield output.setting.grant(
        rule, field, f"{who}, and connects to the cluster", [str(cluster)], actions=("kafka-cluster:Connect",)
    )
    if is_met(When(_IDEMPOTENCE, "on"), options):
        actions = ("kafka-cluster:WriteDataIdempotently",)
        yield output.setting.grant(
            rule, options.field(_IDEMPOTENCE), f"{who}, each record once", [str(cluster)], actions=actions
        )
    prefix = str(cluster).replace(":cluster/", ":topic/", 1)
    topics_field = options.field("topics") if options.has("topics") else field
    yield output.setting.grant(rule, topics_field, who, [f"{prefix}/{topic}" for topic in _topics(output)])
    if is_met(When(_DYNAMIC, "on"), options):
        message = "lets records name topics, but only those in topics are granted; grant the others yourself"
        yield finding("FL-TOPICS", "warning", options.field(_DYNAMIC), message)


def _cluster(output: Output) -> Arn:
    (text,) = output.options.resolved("aws_msk_iam_cluster_arn")
    field, partition = output.options.field("aws_msk_iam_cluster_arn"), output.setting.context.partition
    try:
        arn = parse_arn(text or "")
    except ValueError as error:
        raise unusable("FL-12", field, str(error)) from None
    if arn.service != "kafka" or not arn.region or not arn.account.isdigit() or not _CLUSTER.fullmatch(arn.resource):
        message = f"must be a cluster's ARN, arn:P:kafka:REGION:ACCOUNT:cluster/NAME/ID; got {quote_text(text)}"
        raise unusable("FL-12", field, message)
    if arn.partition != partition:
        raise unusable(
            "PARTITION", field, f"must be in partition {partition}, as the task role; got {quote_text(text)}"
        )
    return arn


def _topics(output: Output) -> list[str]:
    (text,) = output.options.resolved("topics")
    topics = [topic.strip() for topic in (text or _DEFAULT_TOPIC).split(",")]
    for topic in topics:
        if not _TOPIC.fullmatch(topic):
            message = f"must be names of topics, separated by commas; got {quote_text(text)}"
            raise unusable("FL-12", output.options.field("topics"), message)
    return sorted(set(topics))


PLUGINS = (
    Plugin(
        ("kafka",),
        f"{FLUENT_BIT}/kafka",
        _RULE,
        when=When("aws_msk_iam", "on"),
        reads=("aws_msk_iam_cluster_arn", "topics", _DYNAMIC, _IDEMPOTENCE),
        items=_items,
    ),
)
