"""The outputs of FireLens: `logConfiguration.options` of the awsfirelens driver, as Fluent Bit names them.

    Name                             options that name the destination     needs
    firehose, kinesis_firehose       delivery_stream, region               FL-4
    kinesis, kinesis_streams         stream, region                        FL-5
    s3                               bucket                                FL-6
    cloudwatch, cloudwatch_logs      log_group_name, region                FL-7
    es, opensearch                   Host, with AWS_Auth On                FL-8
    any of these with role_arn       role_arn (or aws_role_arn)            FL-9
    others                                                                 nothing of IAM (FL-10)

All with the task role. Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html,
https://github.com/aws-samples/amazon-ecs-firelens-examples
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from taskrole.arns import bucket_arn, is_region, log_group_arn, log_stream_arn, parse_arn, regional_arn
from taskrole.taskdef.document import Node, UnusableError
from taskrole.taskdef.features.firelens.options import FireLensOptions
from taskrole.taskdef.features.logs import GROUP, LogGroup, group_resources, region_rule
from taskrole.taskdef.features.s3_objects.buckets import BUCKET, owner_conditions, written_items
from taskrole.taskdef.items import (
    Item,
    Setting,
    Used,
    finding,
    grant,
    name_of,
    option_used,
    required_elsewhere,
    told,
    unusable,
)
from taskrole.taskdef.placeholders import placeholder_finding

# Fluent Bit's record accessors and Go templates' siblings: $(ecs_task_id), $(kubernetes['pod'])
_TEMPLATE = re.compile(r"\$\([A-Za-z0-9_.\[\]'\"-]{1,100}\)")
_DELIVERY_STREAM = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_STREAM = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_TRUE = ("true", "on", "yes", "1")
_FALSE = ("false", "off", "no", "0")


def output_items(container: Node, options: Node, setting: Setting) -> Iterator[Item]:
    """Yield what one output needs. `options` have their keys in lower case."""
    if options.has("@type"):
        message = "is an output of Fluentd, whose options are not read; what it needs is for you to grant"
        yield finding("FL-FLUENTD", "warning", options.field("@type"), message)
        return
    (name,) = options.resolved("name")
    make = _OUTPUTS.get((name or "").lower())
    if make is None:
        if name is None:
            message = "names no output, so that the router's configuration decides where these logs go"
            yield finding("FL-VISIBLE", "note", options.place, message)
        return
    role_option = next((key for key in ("role_arn", "aws_role_arn") if options.has(key)), None)
    if role_option:
        yield from _assumed_role_items(container, options, role_option, setting)
        return
    yield from make(f"the log router sends on what {name_of(container)} logs", options, setting)


def _firehose(because: str, options: Node, setting: Setting) -> Iterator[Item]:
    name, used = _name("FL-4", options, "delivery_stream", _DELIVERY_STREAM, setting)
    yield from used
    arn = regional_arn(setting.context, "firehose", f"deliverystream/{name}", _region("FL-4", options, setting))
    yield grant("FL-4", options.field("delivery_stream"), because, (arn,))


def _kinesis(because: str, options: Node, setting: Setting) -> Iterator[Item]:
    name, used = _name("FL-5", options, "stream", _STREAM, setting)
    yield from used
    arn = regional_arn(setting.context, "kinesis", f"stream/{name}", _region("FL-5", options, setting))
    yield grant("FL-5", options.field("stream"), because, (arn,))


def _s3(because: str, options: Node, setting: Setting) -> Iterator[Item]:
    (bucket,) = options.resolved("bucket")
    field = options.field("bucket")
    if bucket is None or not BUCKET.fullmatch(bucket):
        raise unusable("FL-6", field, f"must be the name of a bucket; got {told(bucket)}")
    conditions, used = owner_conditions(bucket, setting)
    yield from used
    objects = f"{bucket_arn(setting.context.partition, bucket)}/*"
    yield grant("FL-6", field, because, [objects], conditions=conditions)
    yield from written_items(field, bucket, setting, [(("s3:PutObject",), objects)])


def _cloudwatch(because: str, options: Node, setting: Setting) -> Iterator[Item]:
    name, used = _name("FL-7", options, "log_group_name", GROUP, setting)
    yield from used
    region, context = _region("FL-7", options, setting), setting.context
    field = options.field("log_group_name")
    group = log_group_arn(context, region, name)
    yield grant("FL-7", field, because, [log_stream_arn(context, region, name, "*")])
    find = f"{because}, and looks for its streams"
    yield grant("FL-7", field, find, [group, f"{group}:*"], actions=("logs:DescribeLogStreams",))
    if _is_on(options, "auto_create_group"):
        create = "the log router creates the log group if it is not there"
        resources = group_resources(LogGroup(region, name), setting)
        yield grant("FL-7", options.field("auto_create_group"), create, resources, actions=("logs:CreateLogGroup",))
    if options.has("log_retention_days"):
        keep = "the log router sets how long the log group keeps logs"
        retention = options.field("log_retention_days")
        yield grant("FL-7", retention, keep, [group, f"{group}:*"], actions=("logs:PutRetentionPolicy",))


def _opensearch(because: str, options: Node, setting: Setting) -> Iterator[Item]:
    if not _is_on(options, "aws_auth"):
        return
    if (options.text("aws_service_name") or "es").lower() != "es":
        message = "names another service than es; OpenSearch Serverless is not covered, grant what it needs yourself"
        raise unusable("FL-8", options.field("aws_service_name"), message)
    (host,) = options.resolved("host")
    domain = setting.options_of(FireLensOptions).firelens.opensearch_domains.get(host or "")
    if host is None or domain is None:
        message = (
            f"does not say which domain it is; name the domain's ARN in the option firelens.opensearch_domains:"
            f" {{{told(host)}: DOMAIN-ARN}}"
        )
        raise unusable("FL-8", options.field("host"), message)
    yield option_used("firelens", "opensearch_domains", host)
    yield grant("FL-8", options.field("host"), because, [f"{domain}/*"])


_OUTPUTS: dict[str, Callable[[str, Node, Setting], Iterator[Item]]] = {
    "firehose": _firehose,
    "kinesis_firehose": _firehose,
    "kinesis": _kinesis,
    "kinesis_streams": _kinesis,
    "s3": _s3,
    "cloudwatch": _cloudwatch,
    "cloudwatch_logs": _cloudwatch,
    "es": _opensearch,
    "opensearch": _opensearch,
}


def _assumed_role_items(container: Node, options: Node, key: str, setting: Setting) -> Iterator[Item]:
    (text,) = options.resolved(key)
    field = options.field(key)
    try:
        role = parse_arn(text or "")
    except ValueError as error:
        raise unusable("FL-9", field, str(error)) from None
    path = re.fullmatch(r"role/([A-Za-z0-9_+=,.@/-]+)", role.resource)
    if role.service != "iam" or role.region or not role.account.isdigit() or not path:
        raise unusable("FL-9", field, f"must be a role's ARN; got {told(text)}")
    if role.partition != setting.context.partition:
        message = f"must be in partition {setting.context.partition}, as the task role; got {told(text)}"
        raise unusable("PARTITION", field, message)
    because = f"the log router sends on what {name_of(container)} logs by way of this role, which needs the rest"
    yield grant("FL-9", field, because, [str(role)])
    yield required_elsewhere(
        field,
        account=role.account,
        service="iam",
        resource=str(role),
        statement={"Sid": "LogRouter", "Principal": {"AWS": setting.task_role}, "Action": "sts:AssumeRole"},
        because="The role's trust policy must let the task role assume it, and its own policies the destination",
    )


def _region(rule: str, options: Node, setting: Setting) -> str:
    (region,) = options.resolved("region")
    if region is None or not is_region(region, setting.context.partition):
        raise unusable(rule, options.field("region"), region_rule(region, setting))
    return region


def _name(rule: str, options: Node, key: str, grammar: re.Pattern[str], setting: Setting) -> tuple[str, list[Used]]:
    """Return the name in an option, `*` for the templated end of it where consent is given; and what was used."""
    field = options.field(key)
    text = options.text(key) or ""
    plain = _TEMPLATE.sub("x", text)
    found = placeholder_finding(plain, field.source)
    if found:
        raise UnusableError(options.named(found))
    if not grammar.fullmatch(plain):
        raise unusable(rule, field, f"must be a name that matches {grammar.pattern}; got {told(text)}")
    if plain == text:
        return text, []
    first = _TEMPLATE.search(text)
    if first and "/" in text[first.start() :]:
        message = f"must be templated only behind its last slash, since * would match too much; got {told(text)}"
        raise unusable("FL-TEMPLATE", field, message)
    if not setting.options_of(FireLensOptions).firelens.templated_values:
        message = (
            f"is templated, and only * would match it; consent with the option firelens.templated_values: true, or"
            f" name it plainly; got {told(text)}"
        )
        raise unusable("FL-TEMPLATE", field, message)
    return _TEMPLATE.sub("*", text), [option_used("firelens", "templated_values")]


def _is_on(options: Node, key: str) -> bool:
    (text,) = options.resolved(key)
    if text is None or text.lower() in _FALSE:
        return False
    if text.lower() not in _TRUE:
        raise unusable("FL-OPTION", options.field(key), f"must be On or Off; got {told(text)}")
    return True
