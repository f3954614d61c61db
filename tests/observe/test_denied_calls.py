"""Tests denied calls in pasted text, events and answers of ECS: principal, role, action and resource."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from taskrole.observe.denied_calls import MOST_DENIALS, DeniedCall, denied_calls
from taskrole.observe.remedies import explain

TASK = "0f9c1a2b3c4d5e6f708192a3b4c5d6e7"
SESSION = f"arn:aws:sts::111122223333:assumed-role/orders/{TASK}"
ROLE = "arn:aws:iam::111122223333:role/ecs/orders"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
DENIED = (
    f"User: {SESSION} is not authorized to perform: sqs:SendMessage on resource: {QUEUE} because no identity-based"
    " policy allows the sqs:SendMessage action"
)
NO_PULL = (
    "CannotPullContainerError: failed to resolve ref 111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders:1.2:"
    " pulling failed with status code [manifests 1.2]: 403 Forbidden"
)


def event(**members: Any) -> dict[str, Any]:
    """Return an invented CloudTrail event: a GetObject that S3 denied without a reason."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": SESSION,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
        },
        "eventTime": "2026-11-24T10:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "errorCode": "AccessDenied",
        "errorMessage": "Access Denied",
        "requestParameters": {"bucketName": "orders-in", "key": "a/b*.csv"},
        "recipientAccountId": "111122223333",
        **members,
    }


def only(content: object) -> DeniedCall:
    """Return the only denied call of a text, or of data as JSON."""
    (call,) = denied_calls(content if isinstance(content, str) else json.dumps(content))
    return call


def test_a_message_gives_role_task_account_and_region() -> None:
    call = only(DENIED)

    assert call.session is not None
    assert (call.session.name, call.session.task, call.session.has_path) == ("orders", TASK, False)
    assert call.place is not None
    assert (call.place.region, call.place.account) == ("eu-west-1", "111122223333")
    assert (call.actions, call.resources) == (("sqs:SendMessage",), (QUEUE,))


def test_an_event_completes_its_message() -> None:
    call = only(event())

    assert (call.actions, call.resources) == (("s3:GetObject",), ("arn:aws:s3:::orders-in/a/b${*}.csv",))
    assert call.session is not None
    assert (call.session.role, call.session.task, call.session.has_path) == (ROLE, TASK, True)
    assert (call.time, call.event) == ("2026-11-24T10:00:00Z", "s3.amazonaws.com:GetObject")


def test_an_event_with_a_code_and_no_message_is_a_denied_call() -> None:
    bare = event()
    del bare["errorMessage"]

    assert only(bare).actions == ("s3:GetObject",)


@pytest.mark.parametrize(
    "form",
    [
        lambda denied: {"Records": [denied]},
        lambda denied: {"detail-type": "AWS API Call via CloudTrail", "detail": denied},
        lambda denied: {"Events": [{"EventName": "GetObject", "CloudTrailEvent": json.dumps(denied)}]},
        lambda denied: [denied, denied],
    ],
    ids=["records", "event bus", "lookup-events", "list"],
)  # fmt: skip
def test_events_are_read_from_their_containers(form: Any) -> None:
    assert only(form(event())) == only(event())


@pytest.mark.parametrize("members", [{"errorCode": None}, {"errorCode": "NoSuchKey"}, {"errorCode": 7}])
def test_an_event_that_was_not_denied_gives_none(members: dict[str, Any]) -> None:
    assert denied_calls(json.dumps(event(**members))) == ()


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Boto3/1.40 md/Botocore#1.40 exec-env/AWS_ECS_FARGATE", "task"),
        ("aws-sdk-go/1.55 (go1.22; linux; amd64) amazon-ecs-agent", "execution"),
        ("aws-cli/2.30", None),
    ],
)  # fmt: skip
def test_the_user_agent_of_an_event_distinguishes_the_two_roles(agent: str, kind: str | None) -> None:
    assert only(event(userAgent=agent)).kind == kind


def test_a_stopped_task_has_its_reason_and_those_of_its_containers() -> None:
    arn = f"arn:aws:ecs:eu-west-1:111122223333:task/shop/{TASK}"
    task = {"taskArn": arn, "stoppedReason": "Task failed to start", "stoppedAt": "2026-11-24", "containers": [
        {"name": "web", "reason": NO_PULL}, {"name": "log", "reason": NO_PULL}]}  # fmt: skip

    call = only({"tasks": [task], "failures": []})

    assert (call.kind, call.time) == ("execution", "2026-11-24")
    assert call.resources == ("arn:aws:ecr:eu-west-1:111122223333:repository/orders",)
    assert call.session is not None
    assert call.session.task == TASK


def test_service_events_are_read() -> None:
    message = "(service orders) failed to start a task: ECS was unable to assume the role 'x' that was provided."

    call = only({"services": [{"serviceName": "orders", "events": [{"id": "1", "message": message}]}]})

    assert call.symptom is not None
    assert call.symptom.rule == "TRUST"


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_a_decoded_message_gives_principal_action_and_resource(is_wrapped: bool) -> None:
    decision = {"allowed": False, "explicitDeny": True, "matchedStatements": {"items": []}, "context": {
        "principal": {"id": "AROAEXAMPLE:x", "arn": SESSION}, "action": "sqs:sendmessage", "resource": QUEUE,
    }}  # fmt: skip

    call = only({"DecodedMessage": json.dumps(decision)} if is_wrapped else decision)

    assert (call.actions, call.resources, call.denial.explicit) == (("sqs:SendMessage",), (QUEUE,), True)


def test_a_decoded_message_of_an_allowed_call_gives_none() -> None:
    assert denied_calls(json.dumps({"allowed": True, "explicitDeny": False, "context": {}})) == ()


def test_an_operation_of_s3_leads_to_its_action() -> None:
    call = only(
        "botocore.exceptions.ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden"
    )

    assert call.actions == ("s3:GetObject",)


def test_a_star_in_the_key_of_an_object_is_literal() -> None:
    call = only(DENIED.replace(QUEUE, '"arn:aws:s3:::orders/a*b"').replace("sqs:SendMessage", "s3:GetObject"))

    assert call.resources == ("arn:aws:s3:::orders/a${*}b",)


def test_a_masked_account_of_a_log_is_a_placeholder() -> None:
    call = only(DENIED.replace("111122223333", "***"))

    assert call.resources == ("arn:aws:sqs:eu-west-1:ACCOUNT:orders",)
    assert explain(call).remedies[0].to_fill_in


def test_a_resource_that_is_not_an_arn_is_unknown() -> None:
    assert only(DENIED.replace(QUEUE, ".../orders")).resources == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NO_PULL, "execution"),
        (DENIED.replace("role/orders/", "role/ordersTaskExecutionRole/"), "execution"),
        (DENIED.replace("role/orders/", "role/orders-task/"), "task"),
        (DENIED, None),
        ("TargetNotConnectedException", "task"),
    ],
)
def test_the_kind_of_the_role_is_named_if_known(text: str, kind: str | None) -> None:
    assert only(text).kind == kind


def test_a_failure_in_a_log_belongs_to_its_denial() -> None:
    calls = denied_calls(f"{NO_PULL}\n{DENIED}\n{DENIED.replace('sqs:SendMessage', 'sqs:ReceiveMessage')}")

    assert [call.symptom for call in calls] == [None, None]


def test_a_log_of_megabytes_is_read_in_seconds() -> None:
    text = "\n".join(DENIED.replace(":orders", f":orders-{number}") for number in range(8_000))
    start = time.perf_counter()

    assert len(denied_calls(text)) == MOST_DENIALS
    # It takes one second; a search of the whole text for each denial takes minutes.
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize(
    "content",
    ["", "{", "[" * 100_000, '{"eventSource": 1, "errorCode": "AccessDenied"}', '{"stoppedReason": [1]}',
     '{"CloudTrailEvent": 5}', '{"explicitDeny": null, "allowed": "false", "context": {"principal": 3}}',
     '{"a": ' * 50 + "1" + "}" * 50, "\x00\ufffd",
     '{"userIdentity": 1, "eventSource": "x", "errorCode": "AccessDenied"}'],
    ids=lambda content: content[:12],
)  # fmt: skip
def test_input_of_any_shape_is_read_without_an_error(content: str) -> None:
    assert len(denied_calls(content)) <= 1
