"""What a role is granted, by what the evidence shows of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from taskrole.observe.granted import Granted, RoleComparison, UseStatus, compare_usage
from taskrole.observe.recording import LastAccessed, RecordedCall
from taskrole.observe.usage import usage_by_role
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.effective_role import EffectiveRole
from tests.observe.recordings import OBJECTS, QUEUE, ROLE, TABLE, call, recording

OTHER = f"{QUEUE}-other"
ALLOW_ITEMS = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "sqs:SendMessage"], "Resource": "*"}


def compared(
    *calls: RecordedCall, data: tuple[str, ...] = ("sqs", "s3", "dynamodb"), **elements: Any
) -> RoleComparison:
    statement = {"Effect": "Allow", **elements}
    role = EffectiveRole("orders", (Policy("own", "inline", policy_document([statement])),), ("policy x is not read",))
    (usage,) = usage_by_role(recording(*calls))
    return compare_usage(role, usage, data)


def rows(found: RoleComparison) -> list[tuple[UseStatus, tuple[str, ...], tuple[str, ...]]]:
    return sorted((one.status, one.actions, one.resources) for one in found.granted)


def only(found: RoleComparison, status: UseStatus) -> Granted:
    (row,) = found.of(status)
    return row


def test_each_action_on_each_resource_is_used_or_not() -> None:
    found = compared(
        call("sqs:SendMessage", QUEUE), Action=["sqs:SendMessage", "sqs:PurgeQueue"], Resource=[QUEUE, OTHER]
    )

    assert rows(found) == [
        ("never used", ("sqs:PurgeQueue",), (QUEUE,)),
        ("never used", ("sqs:PurgeQueue", "sqs:SendMessage"), (OTHER,)),
        ("used", ("sqs:SendMessage",), (QUEUE,)),
    ]
    assert only(found, "used").evidence is not None


def test_a_denied_call_is_no_use() -> None:
    found = compared(call("sqs:SendMessage", QUEUE, outcome="denied"), Action="sqs:SendMessage", Resource=QUEUE)

    assert only(found, "never used").actions == ("sqs:SendMessage",)


def test_a_deny_statement_grants_nothing() -> None:
    found = compared(call("sqs:SendMessage", QUEUE), Effect="Deny", Action="sqs:SendMessage", Resource=QUEUE)

    assert found.granted == ()


def test_a_wildcard_is_used_by_what_fits_it() -> None:
    found = compared(
        call("s3:GetObject", f"{OBJECTS}/a"), call("s3:GetObject", f"{OBJECTS}/b"), Action="s3:GetObject", Resource="*"
    )

    row = only(found, "used")
    assert (row.named, row.resources) == (("s3:getobject",), ("*",))
    assert row.evidence is not None
    assert row.evidence.count == 6


def test_without_data_events_it_is_not_visible_whether_an_item_was_read() -> None:
    found = compared(
        call("sqs:SendMessage", QUEUE), data=(), Action=["dynamodb:GetItem", "dynamodb:DescribeTable"], Resource=TABLE
    )

    assert only(found, "not visible").actions == ("dynamodb:GetItem",)
    assert only(found, "not visible").because == "data events of dynamodb (items) are not in the evidence"
    assert only(found, "never used").actions == ("dynamodb:DescribeTable",)


def test_what_cloudtrail_never_records_is_not_said_to_be_unused() -> None:
    found = compared(call("sqs:SendMessage", QUEUE), Action="logs:PutLogEvents", Resource="*")

    assert only(found, "not visible").because == "CloudTrail never records it: writing log events is not logged"


def test_not_resource_is_used_by_what_it_leaves() -> None:
    left_out, other = (
        compared(call("sqs:SendMessage", QUEUE), Action="sqs:SendMessage", NotResource=resource)
        for resource in (QUEUE, OTHER)
    )

    assert only(left_out, "never used").is_except
    assert only(other, "used").resources == (OTHER,)


def test_what_is_not_known_of_the_role_is_said() -> None:
    found = compared(call("sqs:SendMessage", QUEUE), Action="sqs:SendMessage", Resource=QUEUE, Color="red")

    assert found.granted == ()
    assert found.unknown[0] == "policy x is not read"
    assert "policy own: " in found.unknown[1]


def test_a_large_statement_is_looked_at_as_one() -> None:
    queues = [f"{QUEUE}-{number}" for number in range(2_000)]

    found = compared(call("sqs:SendMessage", queues[7]), Action="sqs:*", Resource=queues)

    assert only(found, "used").actions == ("sqs:SendMessage",)
    assert len(only(found, "used").resources) == 2_000


def test_a_secret_of_which_the_suffix_is_not_known_is_used_by_its_name() -> None:
    secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db"

    found = compared(
        call("secretsmanager:GetSecretValue", f"{secret}-??????"),
        Action="secretsmanager:GetSecretValue",
        Resource=[f"{secret}-AbCdEf", f"{secret}2-AbCdEf"],
    )

    assert only(found, "used").resources == (f"{secret}-AbCdEf",)


def test_what_is_not_visible_says_when_iam_saw_the_service_last() -> None:
    role = EffectiveRole("orders", (Policy("own", "inline", policy_document([ALLOW_ITEMS])),))
    calls = recording(call("sqs:GetQueueUrl", QUEUE))
    accessed = LastAccessed(ROLE, (("dynamodb", "2026-11-20T10:00:00Z"), ("sqs", "")))
    (usage,) = usage_by_role(replace(calls, last_accessed=(accessed,)))

    found = compare_usage(role, usage, ())

    assert {one.actions: one.because.partition("; ")[2] for one in found.of("not visible")} == {
        ("dynamodb:GetItem",): "IAM says that dynamodb was last called on 2026-11-20",
        ("sqs:SendMessage",): "IAM says that sqs was never called",
    }
