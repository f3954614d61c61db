"""Tests the tables of events: existing actions, fitting ARNs, and members of the requests."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from taskrole.observe.event_actions import event_actions, event_map, service_of
from taskrole.observe.event_resources import condition_value, resources_of
from taskrole.observe.request_members import (
    KNOWN,
    PLACEHOLDER,
    ResourceRule,
    condition_rules,
    members_of,
    resource_rules,
    services_with_rules,
)
from taskrole.observe.resource_forms import Where
from taskrole.policy.catalogue.actions import is_service, known_action
from taskrole.policy.catalogue.condition_keys import has_condition_key
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource
from tests.observe.events import ACCOUNT, REGION

DATA = Path(botocore.__file__).parent / "data"
WHERE = Where("aws", REGION, ACCOUNT)
ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
# Values of members that are an ARN, by service and event; all other values are "name".
ARNS = {
    "dynamodb": "table/name/stream/2026-01-01",
    "dynamodb:TagResource": "table/name",
    "dynamodb:UntagResource": "table/name",
    "dynamodb:ListTagsOfResource": "table/name",
    "dynamodb:GetResourcePolicy": "table/name",
    "dynamodb:PutResourcePolicy": "table/name",
    "dynamodb:DeleteResourcePolicy": "table/name",
    "dynamodb:ExportTableToPointInTime": "table/name",
    "sqs": "name",
    "sns": "name",
    "lambda": "function:name",
    "kinesis": "stream/name",
    "kinesis:SubscribeToShard": "stream/name/consumer/c:1",
    "kinesis:DescribeStreamConsumer": "stream/name/consumer/c:1",
    "kinesis:DeregisterStreamConsumer": "stream/name/consumer/c:1",
    "logs": "log-group:name",
    "cloudwatch": "alarm:name",
    "events": "rule/name",
    "states": "stateMachine:name",
    "states:DescribeExecution": "execution:name:1",
    "states:StopExecution": "execution:name:1",
    "states:GetExecutionHistory": "execution:name:1",
    "states:RedriveExecution": "execution:name:1",
    "states:DescribeStateMachineForExecution": "execution:name:1",
    "states:DescribeActivity": "activity:name",
    "states:GetActivityTask": "activity:name",
    "states:DeleteActivity": "activity:name",
    "ecs": "container-instance/name/1",
    "ecs:TagResource": "task/name/1",
    "ecs:UntagResource": "task/name/1",
    "ecs:ListTagsForResource": "task/name/1",
    "ecr": "repository/name",
    "rds": "db:name",
    "elasticache": "cluster:name",
    "kafka": "cluster/name/1",
    "es": "domain/name",
    "ses": "identity/name",
    "elasticloadbalancing": "targetgroup/name/1",
}
OTHER_ARNS = {
    "rds-data": ARN.format("rds", "cluster:name"),
    "sts": f"arn:aws:iam::{ACCOUNT}:role/name",
    "xray": f"arn:aws:xray:{REGION}:{ACCOUNT}:group/name/1",
}


def rules() -> list[tuple[str, str, ResourceRule, str]]:
    return [
        (service, name, rule, arn)
        for service in services_with_rules()
        for rule in resource_rules(service)
        for name in sorted(rule.events)
        for arn in rule.arns
    ]


def value(service: str, name: str, match: Any) -> Any:
    member, many, form = match.groups()
    text: Any = "name"
    if form == "queue":
        text = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/name"
    elif form == "topic_of":
        text = ARN.format("sns", "name:1")
    elif form == "copy_source":
        text = "bucket/key"
    elif member.lower().endswith("arn") or member in ("resource", "resourceName", "containerInstance"):
        text = OTHER_ARNS.get(service) or ARN.format(service, ARNS.get(f"{service}:{name}", ARNS.get(service, "?")))
    return [text] if many else text


def takes(action: str, arn: str) -> bool:
    # The action database lacks that a version or alias of a function is called by its own ARN.
    if action == "lambda:InvokeFunction":
        arn = arn.replace(":name:name", ":name")
    return supports_resource(action, arn)


@pytest.mark.parametrize("service", services_with_rules())
def test_every_template_gives_an_arn_that_its_action_accepts(service: str) -> None:
    unfit = []
    for _, name, rule, arn in (entry for entry in rules() if entry[0] == service):
        request = {
            match[1]: value(service, name, match) for match in PLACEHOLDER.finditer(arn) if match[1] not in KNOWN
        }
        known = event_actions(f"{service}.amazonaws.com", name)
        alone = [name for name in known.actions if rule.action in ("", name)]
        assert alone, f"{service}:{name} has no action"
        for action in alone:
            import json

            texts = {member: item if isinstance(item, str) else json.dumps(item) for member, item in request.items()}
            resolved = resources_of(known, action, (), texts, WHERE)
            if not resolved.arns or not all(takes(action, arn) for arn in resolved.arns):
                unfit.append(f"{action} {arn} {resolved}")

    assert unfit == []


@pytest.mark.parametrize(
    ("service", "name", "resource"),
    [
        ("rds", "DescribeDBInstances", ARN.format("rds", "db:*")),
        ("ecr", "DescribeRepositories", ARN.format("ecr", "repository/*")),
        ("elasticfilesystem", "DescribeFileSystems", ARN.format("elasticfilesystem", "file-system/*")),
        ("monitoring", "DescribeAlarms", ARN.format("cloudwatch", "alarm:*")),
    ],
)
def test_a_list_call_without_a_name_is_on_all_resources(service: str, name: str, resource: str) -> None:
    known = event_actions(f"{service}.amazonaws.com", name)

    assert resources_of(known, known.actions[0], (), {}, WHERE).arns == (resource,)


@pytest.mark.parametrize("service", services_with_rules())
def test_every_condition_key_belongs_to_an_action(service: str) -> None:
    for rule in condition_rules(service):
        for name in rule.events or {event for entry in resource_rules(service) for event in entry.events}:
            for action in event_actions(f"{service}.amazonaws.com", name).actions:
                if rule.events:
                    assert has_condition_key(action, rule.key), (action, rule.key)
        assert "${" in rule.key or condition_value(rule, {rule.member: "name"}, WHERE, service)


def test_every_action_of_the_table_exists() -> None:
    table = event_map()

    assert [name for names in table["actions"].values() for name in names if known_action(name) != name] == []
    assert [event_source for event_source in table["event_sources"].values() if not is_service(event_source)] == []


@cache
def session() -> Any:
    return botocore.session.get_session()


@cache
def names_in_addresses(service: str) -> set[str]:
    """Return the names that a service of botocore has in its addresses, from the beginning of its model.

    To read all models takes four seconds.
    """
    model = max((DATA / service).glob("*/service-2.json.gz"))
    with gzip.open(model, "rt", encoding="utf-8") as text:
        metadata = text.read(4096).partition('"operations"')[0]
    return {*re.findall(r'"(?:endpointPrefix|signingName)": *"([^"]+)"', metadata)}


SERVICES = {
    "s3", "dynamodb", "dynamodbstreams", "sqs", "sns", "kms", "secretsmanager", "ssm", "lambda", "kinesis", "firehose",
    "logs", "cloudwatch", "events", "scheduler", "stepfunctions", "ecs", "ecr", "rds-data", "rds", "elasticache", "efs",
    "bedrock-runtime", "bedrock-agent-runtime", "sts", "cognito-idp", "cognito-identity", "xray", "appconfig",
    "appconfigdata", "servicediscovery", "kafka", "opensearch", "es", "sesv2", "apigateway", "apigatewayv2",
}  # fmt: skip
# Operations of botocore whose calls need permissions for other actions, or that CloudTrail
# does not record.
WITHOUT = {
    "dynamodb": {
        "BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction", "TransactGetItems", "TransactWriteItems",
    },
    "s3": {
        "CreateBucketMetadataConfiguration", "DeleteBucketMetadataConfiguration", "GetBucketMetadataConfiguration",
        "ListDirectoryBuckets", "RenameObject",
    },
    "cloudwatch": {"AssociateDatasetKmsKey", "DescribeAlarmContributors", "DisassociateDatasetKmsKey"},
    "cognito-idp": {
        "CompleteWebAuthnRegistration", "DeleteWebAuthnCredential", "DescribeTermsByClient", "GetClientToken",
        "GetUserAuthFactors", "ListWebAuthnCredentials", "StartWebAuthnRegistration",
    },
    "ecr": {"ListImageReferrers"},
    "logs": {"GetLogObject"},
    "rds": {"DescribeServerlessV2PlatformVersions"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_operation_of_a_service_has_an_action(name: str) -> None:
    model = session().get_service_model(name)
    source = f"{model.endpoint_prefix}.amazonaws.com"

    unmapped = {
        operation
        for operation in model.operation_names
        if not (known := event_actions(source, operation)).actions and known.because != "the call needs no permission"
    }

    assert unmapped == WITHOUT.get(name, set())


# Names of members in CloudTrail, if they are not those of the operation with a small first letter.
RENAMED = {
    "s3": {"bucketName": "Bucket", "x-amz-copy-source": "CopySource"},
    "lambda": {"uUID": "UUID"},
    "rds": {"dBInstanceIdentifier": "DBInstanceIdentifier"},
    "bedrock": {},
}
# Events that are not operations of botocore, beside those of S3, which has its own names.
NO_OPERATIONS = {("ecs", "Poll"), ("ecs", "StartTelemetrySession"), ("appconfig", "GetConfiguration")}


@pytest.mark.parametrize("service", services_with_rules())
def test_the_request_of_every_event_has_the_members_of_a_template(service: str) -> None:
    operations = operations_of(service)
    renamed = RENAMED.get(service, {})
    wrong = [
        f"{service}:{name} {rule.arns}"
        for rule in resource_rules(service)
        for name in sorted(rule.events)
        if (service, name) not in NO_OPERATIONS
        and (service != "s3" or name in operations)
        and not any(
            {renamed.get(match[1], match[1]).lower() for match in PLACEHOLDER.finditer(arn) if match[1] not in KNOWN}
            <= operations[name]
            for arn in rule.arns
        )
    ]

    assert wrong == []


@cache
def operations_of(service: str) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {}
    for model_name in session().get_available_services():
        if service in {service_of(f"{name}.amazonaws.com") for name in names_in_addresses(model_name)}:
            model = session().get_service_model(model_name)
            for name in model.operation_names:
                shape = model.operation_model(name).input_shape
                members.setdefault(name, set()).update(member.lower() for member in (shape.members if shape else ()))
    return members


def test_at_least_25_services_have_templates() -> None:
    assert len([service for service in services_with_rules() if resource_rules(service)]) >= 25


def test_members_are_read_only_for_events_of_their_service() -> None:
    assert "messageBody" not in members_of("sqs")
    assert members_of("nothing") == ()


@pytest.mark.parametrize(
    ("source", "name", "actions"),
    [
        ("monitoring.amazonaws.com", "PutMetricData", ("cloudwatch:PutMetricData",)),
        ("lambda.amazonaws.com", "GetFunction20150331v2", ("lambda:GetFunction",)),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", ("lambda:UpdateFunctionCode",)),
        ("cloudfront.amazonaws.com", "CreateDistribution2020_05_31", ("cloudfront:CreateDistribution",)),
        ("s3.amazonaws.com", "HeadBucket", ("s3:ListBucket",)),
        ("s3.amazonaws.com", "CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("kms.amazonaws.com", "ReEncrypt", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
        ("sqs.amazonaws.com.cn", "SendMessageBatch", ("sqs:SendMessage",)),
        ("sqs.amazonaws.eu", "SendMessageBatch", ("sqs:SendMessage",)),
        ("sqs.c2s.ic.gov", "SendMessageBatch", ("sqs:SendMessage",)),
        ("apigateway.amazonaws.com", "CreateRestApi", ("apigateway:POST",)),
    ],
)
def test_an_event_has_its_actions(source: str, name: str, actions: tuple[str, ...]) -> None:
    assert event_actions(source, name).actions == actions


def test_an_event_without_an_action_has_a_reason() -> None:
    assert event_actions("unheard-of.amazonaws.com", "Get").because == "its service has no known IAM actions"
    assert event_actions("s3.amazonaws.com", "GetNothing").because == "no IAM action has its name"


def test_actions_without_resources_need_no_template() -> None:
    known = event_actions("ecr.amazonaws.com", "GetAuthorizationToken")

    assert resource_types(known.actions[0]) == ()
    assert resources_of(known, known.actions[0], (), {}, WHERE).arns == ("*",)
