"""Tests FireLens: the options of an output plugin give the calls of the plugin on the names that it uses."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.taskdef import Derivation, FireLens, Options, derive, parse_document
from taskrole.taskdef.failures import failure_of
from taskrole.taskdef.features.firelens.plugins.registry import PLUGINS

HERE = Context("aws", "eu-west-1", "111122223333")
IMAGE = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"
INIT_IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/aws-for-fluent-bit:init-2.32.2@sha256:0a"
GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:"
CLUSTER = "arn:aws:kafka:eu-west-1:111122223333:cluster/logs/0a1b2c3d-1"
WITH_CONSENT = Options(firelens=FireLens(templated_values=True))


def sent(options: dict[str, str], given: Options | None = None, *, image: str = IMAGE) -> Derivation:
    """Return the derivation of a task whose container logs through FireLens with these options."""
    log = {"logDriver": "awsfirelens", "options": options}
    router = {"name": "router", "image": image, "firelensConfiguration": {"type": "fluentbit"}}
    sender = {"name": "web", "image": "nginx", "logConfiguration": log}
    task = {"family": "shop", "taskRoleArn": "shop-task", "containerDefinitions": [router, sender]}
    return derive([parse_document(task, "task.json")], HERE, given)


def allowed(derivation: Derivation) -> dict[str, set[str]]:
    """Return the resources of the task role by action."""
    by_action: dict[str, set[str]] = {}
    for grant in derivation.grants:
        if grant.role == "task":
            for action in grant.actions:
                by_action.setdefault(action, set()).update(grant.resources)
    return by_action


def messages(derivation: Derivation, code: str) -> list[str]:
    """Return the messages of the findings with this code."""
    return [finding.message for finding in derivation.findings if finding.code == code]


def in_c(**options: str) -> dict[str, str]:
    return {"Name": "cloudwatch_logs", "region": "eu-west-1", "log_group_name": "/app", **options}


def in_go(**options: str) -> dict[str, str]:
    return {**in_c(**options), "Name": "cloudwatch"}


def test_the_plugin_in_c_writes_to_streams_below_its_prefix_without_describing_them() -> None:
    assert allowed(sent(in_c(log_stream_prefix="web-"))) == {
        "logs:CreateLogStream": {f"{GROUP}/app:log-stream:web-*"},
        "logs:PutLogEvents": {f"{GROUP}/app:log-stream:web-*"},
    }


def test_the_plugin_in_go_describes_its_streams_too() -> None:
    assert allowed(sent(in_go(log_stream_prefix="web-"))) == {
        "logs:CreateLogStream": {f"{GROUP}/app:log-stream:web-*"},
        "logs:DescribeLogStreams": {f"{GROUP}/app", f"{GROUP}/app:*"},
        "logs:PutLogEvents": {f"{GROUP}/app:log-stream:web-*"},
    }


@pytest.mark.parametrize("plugin", [in_c, in_go])
def test_the_name_of_a_stream_is_exact(plugin) -> None:
    derivation = sent(plugin(log_stream_name="web/app"))

    assert allowed(derivation)["logs:PutLogEvents"] == {f"{GROUP}/app:log-stream:web/app"}


@pytest.mark.parametrize("plugin", [in_c, in_go])
def test_an_output_without_a_stream_is_refused_as_the_plugin_refuses_it(plugin) -> None:
    derivation = sent(plugin())

    assert allowed(derivation) == {}
    assert [finding.severity for finding in derivation.findings if finding.code.startswith("FL-7")] == ["error"]


def test_a_stream_with_characters_that_no_policy_allows_is_granted_with_a_warning() -> None:
    derivation = sent(in_c(log_stream_name="log-\u30ed"))

    assert allowed(derivation)["logs:PutLogEvents"] == {f"{GROUP}/app:log-stream:log-?"}
    assert len(messages(derivation, "WILDCARD")) == 1


def test_templates_and_their_fallbacks_are_both_granted() -> None:
    options = in_c(
        log_group_template="/app/$kubernetes['ns']", log_stream_prefix="web-", log_stream_template="$pod['name']"
    )

    assert allowed(sent(options, WITH_CONSENT))["logs:PutLogEvents"] == {
        f"{GROUP}/app:log-stream:web-*",
        f"{GROUP}/app:log-stream:*",
        f"{GROUP}/app/*:log-stream:web-*",
        f"{GROUP}/app/*:log-stream:*",
    }


@pytest.mark.parametrize(
    ("name", "more", "groups"),
    [
        ("/app/$(user)", {"default_log_group_name": "/late"}, {"/app/*", "/late"}),
        ("/app/$(user)", {}, {"/app/*", "fluentbit-default"}),
        ("/app/$(ecs_task_id)", {}, {"/app/*"}),
        ("/app/$(ecs_task_id)", {"default_log_group_name": "/late"}, {"/app/*", "/late"}),
        ("/app", {"default_log_group_name": "/late"}, {"/app"}),
    ],
)
def test_the_plugin_in_go_uses_a_default_if_a_variable_may_be_missing(name, more, groups) -> None:
    options = {**in_go(log_stream_name="s"), "log_group_name": name, **more}

    resources = allowed(sent(options, WITH_CONSENT))["logs:PutLogEvents"]

    assert resources == {f"{GROUP}{group}:log-stream:s" for group in groups}


@pytest.mark.parametrize(
    ("options", "actions"),
    [
        (in_c(auto_create_group="On"), {"logs:CreateLogGroup"}),
        (in_c(auto_create_group="yes", log_retention_days="30"), {"logs:CreateLogGroup", "logs:PutRetentionPolicy"}),
        (in_c(auto_create_group="On", log_retention_days="0"), {"logs:CreateLogGroup"}),
        (in_c(auto_create_group="Off", log_retention_days="30"), set()),
        (in_c(log_retention_days="30"), set()),
        (in_go(auto_create_group="True", new_log_group_tags="a=b"), {"logs:CreateLogGroup", "logs:TagResource"}),
        (in_go(auto_create_group="true", log_retention_days="7"), {"logs:CreateLogGroup", "logs:PutRetentionPolicy"}),
        (in_go(new_log_group_tags="a=b"), set()),
        (in_go(log_retention_days="7"), set()),
    ],
)
def test_groups_are_created_tagged_and_retained_only_if_the_plugin_does(options, actions) -> None:
    actions_allowed = allowed(sent({**options, "log_stream_prefix": "web-"}))

    assert actions_allowed.keys() - {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"} == actions


def test_the_plugin_in_go_reads_on_as_false_with_a_warning() -> None:
    derivation = sent(in_go(log_stream_prefix="web-", auto_create_group="On"))

    assert "logs:CreateLogGroup" not in allowed(derivation)
    assert messages(derivation, "FL-IGNORED") == [
        "is read as false by the plugin cloudwatch, which accepts only true and false; got 'On'"
    ]


def test_streams_that_exist_are_only_written_to() -> None:
    assert "logs:CreateLogStream" not in allowed(sent(in_go(log_stream_name="s", auto_create_stream="false")))


def test_an_invalid_number_of_days_is_an_error() -> None:
    derivation = sent(in_c(log_stream_name="s", auto_create_group="On", log_retention_days="a month"))

    assert messages(derivation, "FL-OPTION") == ["must be a number of days; got 'a month'"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"s3:PutObject": {"arn:aws:s3:::logs/*"}}),
        ({"s3_key_format": "/app/web/$TAG/%Y"}, {"s3:PutObject": {"arn:aws:s3:::logs/app/web/*"}}),
        ({"s3_key_format": "/%Y/$UUID.gz"}, {"s3:PutObject": {"arn:aws:s3:::logs/*"}}),
        (
            {"canned_acl": "bucket-owner-full-control"},
            {"s3:PutObject": {"arn:aws:s3:::logs/*"}, "s3:PutObjectAcl": {"arn:aws:s3:::logs/*"}},
        ),
    ],
)
def test_objects_are_written_below_the_literal_prefix_of_their_keys(more, expected) -> None:
    assert allowed(sent({"Name": "s3", "bucket": "logs", "region": "eu-west-1", **more})) == expected


@pytest.mark.parametrize("plugin", ["es", "opensearch"])
def test_an_opensearch_domain_is_only_posted_to(plugin: str) -> None:
    given = Options(firelens=FireLens({"search.example.com": "arn:aws:es:eu-west-1:111122223333:domain/logs"}))

    derivation = sent({"Name": plugin, "Host": "search.example.com", "AWS_Auth": "On"}, given)

    assert allowed(derivation) == {"es:ESHttpPost": {"arn:aws:es:eu-west-1:111122223333:domain/logs/*"}}


def test_a_collection_is_recognised_by_its_host_and_must_allow_the_role() -> None:
    host = "abc123.us-east-1.aoss.amazonaws.com"

    derivation = sent({"Name": "opensearch", "Host": host, "AWS_Auth": "On", "AWS_Service_Name": "aoss"})

    assert allowed(derivation) == {"aoss:APIAccessAll": {"arn:aws:aoss:us-east-1:111122223333:collection/abc123"}}
    assert "arn:aws:iam::111122223333:role/shop-task" in messages(derivation, "FL-AOSS")[0]


@pytest.mark.parametrize(
    "host",
    [
        "abc123.us-east-1.aoss.amazonaws.com.evil.example.com",
        "abc123.us-east-1.aoss.amazonaws.com.cn",
        "search.internal",
    ],
)
def test_a_collection_behind_another_host_is_named_by_an_option(host: str) -> None:
    options = {"Name": "es", "Host": host, "AWS_Auth": "On", "AWS_Service_Name": "aoss"}
    arn = "arn:aws:aoss:us-east-1:111122223333:collection/abc123"

    refused, named = sent(options), sent(options, Options(firelens=FireLens(endpoints={host: arn})))

    assert "firelens.endpoints" in messages(refused, "FL-13")[0]
    assert allowed(named) == {"aoss:APIAccessAll": {arn}}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"Name": "http", "Host": f"logs-{'a' * 26}.us-east-1.osis.amazonaws.com", "aws_service": "osis"},
            {"osis:Ingest": {"arn:aws:osis:us-east-1:111122223333:pipeline/logs"}},
        ),
        (
            {
                "Name": "prometheus_remote_write",
                "Host": "aps-workspaces.us-west-2.amazonaws.com",
                "URI": "/workspaces/ws-1/api/v1/remote_write",
            },
            {"aps:RemoteWrite": {"arn:aws:aps:us-west-2:111122223333:workspace/ws-1"}},
        ),
        (
            {"Name": "opentelemetry", "Host": "abc123.us-east-1.aoss.amazonaws.com", "AWS_Service": "AOSS"},
            {"aoss:APIAccessAll": {"arn:aws:aoss:us-east-1:111122223333:collection/abc123"}},
        ),
    ],
)
def test_signed_requests_need_permissions_by_service_and_host(options, expected) -> None:
    assert allowed(sent({**options, "aws_auth": "true"})) == expected
    assert allowed(sent({**options, "aws_auth": "off"})) == {}
    assert allowed(sent(options)) == {}


@pytest.mark.parametrize(
    "options",
    [
        {"Name": "http", "Host": "api.example.com"},
        {"Name": "http", "Host": "api.example.com", "aws_service": "execute-api"},
        {"Name": "http", "Host": "ingest.example.com", "aws_service": "osis"},
        {"Name": "http", "Host": "search.example.com", "aws_service": "es"},
        {"Name": "opentelemetry", "Host": "xray.us-east-1.amazonaws.com", "aws_service": "xray"},
        {"Name": "prometheus_remote_write", "Host": "aps-workspaces.us-west-2.amazonaws.com", "uri": "/"},
    ],
)
def test_signed_requests_of_unknown_services_and_hosts_are_a_warning(options) -> None:
    derivation = sent({**options, "aws_auth": "on"})

    assert allowed(derivation) == {}
    assert [(finding.code, finding.severity) for finding in derivation.findings if finding.code.startswith("FL-")] == [
        ("FL-SIGNED", "warning")
    ]


def test_a_pipeline_without_a_suffix_in_its_host_is_granted_with_a_note() -> None:
    derivation = sent(
        {"Name": "http", "Host": "abc.us-east-1.osis.amazonaws.com", "aws_auth": "on", "aws_service": "osis"}
    )

    assert allowed(derivation) == {"osis:Ingest": {"arn:aws:osis:us-east-1:111122223333:pipeline/abc"}}
    assert len(messages(derivation, "FL-SIGNED")) == 1


def kafka(**options: str) -> dict[str, str]:
    return {"Name": "kafka", "aws_msk_iam": "true", "aws_msk_iam_cluster_arn": CLUSTER, **options}


def test_a_kafka_cluster_is_connected_to_and_its_topics_are_written_to() -> None:
    topics = {f"{CLUSTER.replace(':cluster/', ':topic/')}/{topic}" for topic in ("app", "audit")}

    assert allowed(sent(kafka(topics="app, audit"))) == {
        "kafka-cluster:Connect": {CLUSTER},
        "kafka-cluster:DescribeTopic": topics,
        "kafka-cluster:WriteData": topics,
    }


def test_idempotent_writes_of_kafka_need_another_action_and_topics_have_a_default() -> None:
    resources = allowed(sent({**kafka(), "rdkafka.enable.idempotence": "true"}))

    assert resources["kafka-cluster:WriteDataIdempotently"] == {CLUSTER}
    assert resources["kafka-cluster:WriteData"] == {f"{CLUSTER.replace(':cluster/', ':topic/')}/fluent-bit"}


def test_kafka_without_iam_needs_no_permission() -> None:
    assert allowed(sent(kafka(aws_msk_iam="false"))) == {}


@pytest.mark.parametrize("arn", ["", "logs", CLUSTER.replace("kafka:", "s3:"), CLUSTER.replace("/0a", "/*")])
def test_a_kafka_cluster_must_be_given_by_its_whole_arn(arn: str) -> None:
    derivation = sent(kafka(aws_msk_iam_cluster_arn=arn))

    assert allowed(derivation) == {}
    assert len(messages(derivation, "FL-12")) == 1


@pytest.mark.parametrize(
    ("options", "is_assumed"),
    [
        ({"Name": "es", "Host": "h", "AWS_Role_ARN": "ROLE"}, False),
        ({"Name": "es", "Host": "h", "AWS_Role_ARN": "ROLE", "AWS_Auth": "On"}, True),
        ({"Name": "http", "Host": "h", "AWS_Role_ARN": "ROLE", "AWS_Auth": "On"}, True),
        ({**in_c(log_stream_name="s"), "aws_role_arn": "ROLE"}, False),
        ({**in_c(log_stream_name="s"), "role_arn": "ROLE"}, True),
        ({**in_go(log_stream_name="s"), "Role_ARN": "ROLE"}, True),
    ],
)
def test_a_role_is_assumed_only_by_the_option_that_the_plugin_reads(options, is_assumed: bool) -> None:
    role = "arn:aws:iam::444455556666:role/logs"

    derivation = sent({key: value.replace("ROLE", role) for key, value in options.items()})

    resources = allowed(derivation)
    assert (resources == {"sts:AssumeRole": {role}}) == is_assumed
    assert ("sts:AssumeRole" in resources) == is_assumed
    assert len(messages(derivation, "FL-IGNORED")) == (not is_assumed)
    assert ("logs:PutLogEvents" in resources) == (options["Name"] == "cloudwatch_logs" and not is_assumed)


NAMED_AT_RUN_TIME = "/aws/ecs/containerinsights/$(ecs_cluster)/application"


def test_a_name_with_a_variable_is_refused_with_both_options_that_settle_it() -> None:
    derivation = sent({**in_go(log_stream_name="s"), "log_group_name": NAMED_AT_RUN_TIME})

    (message,) = messages(derivation, "FL-TEMPLATE")
    assert "--set ecs_cluster=VALUE" in message
    assert "/aws/ecs/containerinsights/*/application" in message
    assert allowed(derivation) == {}


def test_with_consent_a_name_with_a_variable_is_the_narrowest_pattern() -> None:
    derivation = sent({**in_go(log_stream_name="s"), "log_group_name": NAMED_AT_RUN_TIME}, WITH_CONSENT)

    assert allowed(derivation)["logs:PutLogEvents"] == {f"{GROUP}/aws/ecs/containerinsights/*/application:log-stream:s"}


@pytest.mark.parametrize("name", ["$(ecs_cluster)", "/$(ecs_cluster)/app", "$(ecs_cluster)-app"])
def test_a_name_that_begins_with_a_variable_is_refused_even_with_consent(name: str) -> None:
    derivation = sent({**in_go(log_stream_name="s"), "log_group_name": name}, WITH_CONSENT)

    assert "begins with a variable" in messages(derivation, "FL-TEMPLATE")[0]
    assert allowed(derivation) == {}


def test_no_value_is_suggested_for_a_variable_that_differs_between_tasks() -> None:
    derivation = sent({"Name": "kinesis", "region": "eu-west-1", "stream": "logs-$(ecs_task_id)"})

    assert "--set" not in messages(derivation, "FL-TEMPLATE")[0]


def test_streams_in_a_group_may_have_variables_without_consent() -> None:
    derivation = sent(in_go(log_stream_name="web/$(ecs_task_id)"))

    assert allowed(derivation)["logs:PutLogEvents"] == {f"{GROUP}/app:log-stream:web/*"}


@pytest.mark.parametrize("image", [INIT_IMAGE, "amazon/aws-for-fluent-bit:init-latest"])
def test_the_init_image_sets_region_and_family(image: str) -> None:
    options = {**in_c(log_stream_name="s"), "region": "${AWS_REGION}", "log_group_name": "/app/${ECS_FAMILY}"}

    derivation = sent(options, image=image)

    assert allowed(derivation)["logs:PutLogEvents"] == {f"{GROUP}/app/shop:log-stream:s"}
    assert messages(derivation, "PLACEHOLDER") == []


def test_other_variables_of_the_init_image_are_known_at_run_time() -> None:
    options = {**in_c(log_stream_name="${ECS_TASK_ID}"), "log_group_name": "/app/${ECS_CLUSTER}"}

    refused, allowed_by_consent = (sent(options, given, image=INIT_IMAGE) for given in (None, WITH_CONSENT))

    assert "--set ECS_CLUSTER=VALUE" in messages(refused, "FL-TEMPLATE")[0]
    assert allowed(allowed_by_consent)["logs:PutLogEvents"] == {f"{GROUP}/app/*:log-stream:*"}


@pytest.mark.parametrize("image", [IMAGE, "example.com/other:init-1", "aws-for-fluent-bit:2.32.2-init"])
def test_with_other_images_the_variables_are_placeholders(image: str) -> None:
    options = {**in_c(log_stream_name="s"), "region": "${AWS_REGION}", "log_group_name": "/app/${ECS_CLUSTER}"}

    derivation = sent(options, image=image)

    assert messages(derivation, "PLACEHOLDER") != []
    assert allowed(derivation) == {}


def test_variables_that_the_init_image_does_not_set_stay_placeholders() -> None:
    derivation = sent({**in_c(log_stream_name="s"), "log_group_name": "/app/${STAGE}"}, image=INIT_IMAGE)

    assert "--set STAGE=VALUE" in messages(derivation, "PLACEHOLDER")[0]


@pytest.mark.parametrize("action", ["s3:GetBucketLocation", "s3:GetObject"])
@pytest.mark.parametrize("rule", ["FL-1", "FL-2"])
def test_a_router_that_cannot_read_its_configuration_stops_the_task(rule: str, action: str) -> None:
    assert failure_of(rule, action).stops


def test_each_plugin_has_its_own_table_with_a_source() -> None:
    names = [name for plugin in PLUGINS for name in plugin.names]

    assert len(names) == len(set(names))
    assert all(plugin.page.startswith("https://") for plugin in PLUGINS)


def options_of(*names: str) -> dict[str, Any]:
    return {name: plugin.options for plugin in PLUGINS for name in plugin.names if name in names}


def test_a_table_lists_the_options_that_matter_for_permissions() -> None:
    assert options_of("kinesis", "s3") == {
        "kinesis": {"region", "role_arn", "stream"},
        "s3": {"bucket", "canned_acl", "role_arn", "s3_key_format"},
    }
