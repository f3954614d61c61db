"""Tests the mapping of events to calls: resources, conditions and denials, also of malformed events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskrole.observe.read import read_recording
from taskrole.observe.recording import Denial, RecordedCall, Recording
from taskrole.policy.catalogue.resource_types import supports_resource
from tests.growth import LIMIT, growth
from tests.observe.events import ACCOUNT, REGION, ROLE, TASK, event, write_records

SQS = f"arn:aws:sqs:{REGION}:{ACCOUNT}"


def recorded(tmp_path: Path, *events: dict[str, Any]) -> Recording:
    return read_recording([write_records(tmp_path / "events.json", *events)])


def call(tmp_path: Path, *arguments: Any, **members: Any) -> RecordedCall:
    (mapped,) = recorded(tmp_path, event(*arguments, **members)).calls
    return mapped


@pytest.mark.parametrize(
    ("service", "name", "request_", "resource"),
    [
        ("s3", "GetObject", {"bucketName": "b", "key": "a/b c"}, "arn:aws:s3:::b/a/b c"),
        ("s3", "ListObjects", {"bucketName": "b"}, "arn:aws:s3:::b"),
        ("dynamodb", "Query", {"tableName": "t", "indexName": "i"},
         f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t/index/i"),
        (
            "dynamodb", "GetItem", {"tableName": f"arn:aws:dynamodb:{REGION}:444455556666:table/t"},
            f"arn:aws:dynamodb:{REGION}:444455556666:table/t",
        ),
        ("sqs", "SendMessage", {"queueUrl": f"https://sqs.us-west-2.amazonaws.com/{ACCOUNT}/q.fifo"},
         f"arn:aws:sqs:us-west-2:{ACCOUNT}:q.fifo"),
        ("secretsmanager", "GetSecretValue", {"secretId": "a/b"},
         f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:a/b-??????"),
        ("ssm", "GetParameter", {"name": "/a/b:3"}, f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/a/b"),
        ("lambda", "Invoke", {"functionName": "f", "qualifier": "live"},
         f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:live"),
        ("ecs", "RunTask", {"taskDefinition": "web"}, f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:*"),
        ("kms", "Decrypt", {"keyId": "1234"}, f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"),
        ("bedrock", "Converse", {"modelId": "example.m-1:0"},
         f"arn:aws:bedrock:{REGION}::foundation-model/example.m-1:0"),
        ("logs", "CreateLogStream", {"logGroupName": "/g", "logStreamName": "s"},
         f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/g:log-stream:s"),
    ],
)  # fmt: skip
def test_a_request_names_the_resource(
    tmp_path: Path, service: str, name: str, request_: dict[str, Any], resource: str
) -> None:
    assert call(tmp_path, service, name, request_).resource == resource


def test_the_resources_of_the_event_come_before_its_request(tmp_path: Path) -> None:
    listed = [{"ARN": "arn:aws:s3:::real/k"}, {"ARN": "arn:aws:s3:::real"}]

    mapped = call(tmp_path, "s3", "GetObject", {"bucketName": "alias-s3alias", "key": "k"}, resources=listed)

    assert mapped.resource == "arn:aws:s3:::real/k"


def test_a_copy_reads_one_object_and_writes_another(tmp_path: Path) -> None:
    request = {"bucketName": "b", "key": "k", "x-amz-copy-source": "from/a%2Fb?versionId=1"}

    calls = recorded(tmp_path, event("s3", "CopyObject", request)).calls

    assert [(mapped.action, mapped.resource) for mapped in calls] == [
        ("s3:GetObject", "arn:aws:s3:::from/a/b"),
        ("s3:PutObject", "arn:aws:s3:::b/k"),
    ]


@pytest.mark.parametrize("character", [*map(chr, range(32, 127)), "ä", "日", "ÿ", "'", "\u00a0"])
def test_an_object_key_is_escaped_for_policies(tmp_path: Path, character: str) -> None:
    mapped = call(tmp_path, "s3", "GetObject", {"bucketName": "b", "key": f"a{character}z"})

    escaped = {"*": "${*}", "?": "${?}", "$": "${$}", "日": "?"}.get(character, character)
    assert mapped.resource == f"arn:aws:s3:::b/a{escaped}z"
    assert supports_resource("s3:GetObject", mapped.resource)


@pytest.mark.parametrize("key", ["a\nb", "a\x00b", "a\U0001f600b"])
def test_an_object_key_that_no_policy_can_contain_is_unknown(tmp_path: Path, key: str) -> None:
    mapped = call(tmp_path, "s3", "GetObject", {"bucketName": "b", "key": key})

    assert (mapped.resource, mapped.unknown_because) == (None, "its request does not name a resource of the action")


def test_a_kms_key_given_by_alias_is_unknown(tmp_path: Path) -> None:
    mapped = call(tmp_path, "kms", "Decrypt", {"keyId": "alias/a"})

    assert mapped.resource is None
    assert mapped.unknown_because


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"])
def test_a_denial_without_a_message_has_an_unknown_reason(tmp_path: Path, code: str) -> None:
    mapped = call(tmp_path, "sqs", "SendMessage", {"queueUrl": f"https://x/{ACCOUNT}/q"}, errorCode=code)

    assert (mapped.outcome, mapped.denial, mapped.resource) == ("denied", Denial("unknown"), f"{SQS}:q")


def test_the_message_of_a_denial_names_the_exact_action_and_resource(tmp_path: Path) -> None:
    session_arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/web-task/{TASK}"
    message = (
        f"User: {session_arn} is not authorized to perform: dynamodb:PartiQLSelect on resource: "
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t because no identity-based policy allows the "
        "dynamodb:PartiQLSelect action"
    )

    mapped = call(tmp_path, "dynamodb", "ExecuteStatement", errorCode="AccessDenied", errorMessage=message)

    assert (mapped.action, mapped.resource) == (
        "dynamodb:PartiQLSelect",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t",
    )
    assert mapped.denial is not None
    assert mapped.denial.reason == "identity"
    assert TASK not in repr(mapped.denial)


def test_another_error_means_that_the_call_was_allowed(tmp_path: Path) -> None:
    mapped = call(tmp_path, "s3", "GetObject", {"bucketName": "b", "key": "k"}, errorCode="NoSuchKey")

    assert mapped.outcome == "allowed"


def test_an_event_without_an_action_is_listed_with_the_reason(tmp_path: Path) -> None:
    events = [
        event("unheard-of", "Get"),
        event("s3", "GetNothing"),
        event("sts", "GetCallerIdentity"),
        event("sqs", "SendMessage", errorCode="ExpiredTokenException"),
    ]

    recording = recorded(tmp_path, *events)

    assert recording.calls == ()
    assert {
        event.event.partition(".")[0]: event.because for event in recording.unmapped if "s3" not in event.event
    } == {
        "unheard-of": "its service has no known IAM actions",
        "sts": "the call needs no permission",
        "sqs": "AWS rejected it before evaluating policies (ExpiredTokenException)",
    }
    assert len(recording.unmapped) == 4


def test_the_context_has_the_known_values_of_the_request(tmp_path: Path) -> None:
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:a-123456"
    through = {"encryptionContext": {"SecretARN": secret}, "keyId": "1234"}
    made = event("kms", "Decrypt", through)
    made["userIdentity"]["invokedBy"] = "secretsmanager.amazonaws.com"

    (mapped,) = recorded(tmp_path, made).calls

    assert mapped.context == (
        ("kms:EncryptionContext:SecretARN", (secret,)),
        ("kms:ViaService", (f"secretsmanager.{REGION}.amazonaws.com",)),
    )


def test_events_of_other_accounts_and_regions_have_arns_of_their_own_account(tmp_path: Path) -> None:
    role = "arn:aws-cn:iam::444455556666:role/other"
    mapped = call(tmp_path, "ssm", "GetParameter", {"name": "a"}, role=role, awsRegion="cn-north-1")

    assert mapped.resource == "arn:aws-cn:ssm:cn-north-1:444455556666:parameter/a"


def test_a_renamed_role_is_two_roles(tmp_path: Path) -> None:
    new = f"{ROLE}-v2"
    recording = recorded(tmp_path, event("sqs", "ListQueues"), event("sqs", "ListQueues", role=new))

    assert [call.role for call in recording.calls] == [ROLE, new]
    assert [caller.role for caller in recording.reach.callers] == [ROLE, new]


@pytest.mark.parametrize("member", ["userIdentity", "requestParameters", "responseElements", "resources", "errorCode"])
@pytest.mark.parametrize("value", [None, [], "text", 3, {"a": [1]}, [None, 3, {}]])
def test_a_member_of_another_type_gives_no_traceback(tmp_path: Path, member: str, value: Any) -> None:
    recording = recorded(tmp_path, event("ecs", "RunTask", {"taskDefinition": "a:1"}, **{member: value}))

    assert recording.reach.events == 1


def many_keys(tmp_path: Path, count: int) -> Path:
    path = tmp_path / f"{count}.json"
    if not path.exists():
        keys = (event("s3", "GetObject", {"bucketName": "b", "key": f"k/{number}"}) for number in range(count))
        write_records(path, *keys)
    return path


def test_work_grows_with_the_events(tmp_path: Path) -> None:
    assert growth(lambda count: read_recording([many_keys(tmp_path, count)])) < LIMIT
