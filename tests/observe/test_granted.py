"""Tests the use of the permissions of a role by the evidence."""

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


def rows(comparison: RoleComparison) -> list[tuple[UseStatus, tuple[str, ...], tuple[str, ...]]]:
    return sorted((row.status, row.actions, row.resources) for row in comparison.granted)


def only(comparison: RoleComparison, status: UseStatus) -> Granted:
    (row,) = comparison.of(status)
    return row


def test_each_action_on_each_resource_is_used_or_not() -> None:
    comparison = compared(
        call("sqs:SendMessage", QUEUE), Action=["sqs:SendMessage", "sqs:PurgeQueue"], Resource=[QUEUE, OTHER]
    )

    assert rows(comparison) == [
        ("never used", ("sqs:PurgeQueue",), (QUEUE,)),
        ("never used", ("sqs:PurgeQueue", "sqs:SendMessage"), (OTHER,)),
        ("used", ("sqs:SendMessage",), (QUEUE,)),
    ]
    assert only(comparison, "used").evidence is not None


def test_a_denied_call_does_not_count_as_use() -> None:
    comparison = compared(call("sqs:SendMessage", QUEUE, outcome="denied"), Action="sqs:SendMessage", Resource=QUEUE)

    assert only(comparison, "never used").actions == ("sqs:SendMessage",)


def test_a_deny_statement_grants_nothing() -> None:
    comparison = compared(call("sqs:SendMessage", QUEUE), Effect="Deny", Action="sqs:SendMessage", Resource=QUEUE)

    assert comparison.granted == ()


def test_a_wildcard_is_used_by_matching_calls() -> None:
    comparison = compared(
        call("s3:GetObject", f"{OBJECTS}/a"), call("s3:GetObject", f"{OBJECTS}/b"), Action="s3:GetObject", Resource="*"
    )

    row = only(comparison, "used")
    assert (row.named, row.resources) == (("s3:getobject",), ("*",))
    assert row.evidence is not None
    assert row.evidence.count == 6


def test_without_data_events_the_use_of_items_is_not_visible() -> None:
    comparison = compared(
        call("sqs:SendMessage", QUEUE), data=(), Action=["dynamodb:GetItem", "dynamodb:DescribeTable"], Resource=TABLE
    )

    assert only(comparison, "not visible").actions == ("dynamodb:GetItem",)
    assert only(comparison, "not visible").because == "data events of dynamodb (items) are not in the evidence"
    assert only(comparison, "never used").actions == ("dynamodb:DescribeTable",)


def test_calls_that_cloudtrail_never_records_are_not_called_unused() -> None:
    comparison = compared(call("sqs:SendMessage", QUEUE), Action="logs:PutLogEvents", Resource="*")

    assert only(comparison, "not visible").because == "CloudTrail never records it: writing log events is not logged"


def test_not_resource_is_used_by_calls_on_other_resources() -> None:
    left_out, other = (
        compared(call("sqs:SendMessage", QUEUE), Action="sqs:SendMessage", NotResource=resource)
        for resource in (QUEUE, OTHER)
    )

    assert only(left_out, "never used").is_except
    assert only(other, "used").resources == (OTHER,)


def test_unknown_parts_of_the_role_are_reported() -> None:
    comparison = compared(call("sqs:SendMessage", QUEUE), Action="sqs:SendMessage", Resource=QUEUE, Color="red")

    assert comparison.granted == ()
    assert comparison.unknown[0] == "policy x is not read"
    assert "policy own: " in comparison.unknown[1]


def test_a_large_statement_is_examined_as_a_whole() -> None:
    queues = [f"{QUEUE}-{number}" for number in range(2_000)]

    comparison = compared(call("sqs:SendMessage", queues[7]), Action="sqs:*", Resource=queues)

    assert only(comparison, "used").actions == ("sqs:SendMessage",)
    assert len(only(comparison, "used").resources) == 2_000


def test_a_secret_with_an_unknown_suffix_is_used_by_its_name() -> None:
    secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db"

    comparison = compared(
        call("secretsmanager:GetSecretValue", f"{secret}-??????"),
        Action="secretsmanager:GetSecretValue",
        Resource=[f"{secret}-AbCdEf", f"{secret}2-AbCdEf"],
    )

    assert only(comparison, "used").resources == (f"{secret}-AbCdEf",)


def test_an_invisible_action_has_the_last_access_of_its_service() -> None:
    role = EffectiveRole("orders", (Policy("own", "inline", policy_document([ALLOW_ITEMS])),))
    calls = recording(call("sqs:GetQueueUrl", QUEUE))
    accessed = LastAccessed(ROLE, (("dynamodb", "2026-11-20T10:00:00Z"), ("sqs", "")))
    (usage,) = usage_by_role(replace(calls, last_accessed=(accessed,)))

    comparison = compare_usage(role, usage, ())

    assert {row.actions: row.because.partition("; ")[2] for row in comparison.of("not visible")} == {
        ("dynamodb:GetItem",): "according to IAM, dynamodb was last called on 2026-11-20",
        ("sqs:SendMessage",): "according to IAM, sqs was never called",
    }
