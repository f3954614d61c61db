"""Tests the replay of recorded calls against a role: counts, reasons, and calls that are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskrole.check.recorded_roles import choose_roles
from taskrole.check.replay import Replay, ReplaySubject, replay
from taskrole.check.replay_text import needed_statements, replay_lines, replay_summary
from taskrole.errors import InputError
from taskrole.observe.read import read_recording
from taskrole.observe.recording import Recording
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.effective_role import EffectiveRole
from tests.check.scenarios import allow
from tests.observe.events import OTHER_TASK, ROLE, TASK, event, write_records

TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def recorded(folder: Path, *events: dict[str, Any]) -> Recording:
    return read_recording([write_records(folder / "events.json", *events)])


def subject(*statements: dict[str, Any], **parts: Any) -> ReplaySubject:
    """Return a task role of these statements."""
    policies = (Policy("own", "inline", policy_document([*statements])),) if statements else ()
    return ReplaySubject("task", EffectiveRole("web-task", policies, arn=ROLE, **parts))


def query(**members: Any) -> dict[str, Any]:
    return event("dynamodb", "Query", {"tableName": "orders"}, **members)


def answers(result: Replay) -> tuple[int, int, int]:
    return result.count("allowed"), result.count("denied"), result.count("unknown")


def test_recorded_calls_are_counted_by_their_result(tmp_path: Path) -> None:
    recording = recorded(
        tmp_path,
        query(),
        query(session=OTHER_TASK),
        event("dynamodb", "Scan", {"tableName": "orders"}, eventTime="2026-11-24T10:00:00Z"),
    )

    result = replay(recording, ROLE, subject(allow("dynamodb:Query", TABLE)))

    assert answers(result) == (2, 1, 0)
    assert (
        replay_summary(result)
        == "3 recorded calls by 2 tasks, 2026-11-01 to 2026-11-24: 2 allowed, 1 denied, 0 unknown"
    )
    (denied,) = result.of("denied")
    assert (denied.call.action, denied.call.resource) == ("dynamodb:Scan", TABLE)
    assert denied.coverage.reason == "no statement allows it"


def test_large_numbers_are_written_with_commas(tmp_path: Path) -> None:
    recording = recorded(tmp_path, *(query() for _ in range(1_234)))

    assert replay_summary(replay(recording, ROLE, subject())).startswith("1,234 recorded calls by 1 task")


def test_calls_that_were_denied_when_recorded_are_counted_apart(tmp_path: Path) -> None:
    recording = recorded(tmp_path, query(errorCode="AccessDenied", errorMessage="Access Denied"), query())

    result = replay(recording, ROLE, subject(allow("dynamodb:Query", TABLE)))

    assert answers(result) == (1, 0, 0)
    assert [judged.coverage.answer for judged in result.refused] == ["allowed"]


def test_a_call_without_a_recorded_resource_is_allowed_only_on_all_resources(tmp_path: Path) -> None:
    recording = recorded(tmp_path, event("sqs", "SendMessage", {}))
    queue = "arn:aws:sqs:eu-west-1:111122223333:orders"

    counts = [answers(replay(recording, ROLE, role)) for role in (
        subject(allow("sqs:SendMessage", "*")), subject(allow("sqs:SendMessage", queue)), subject(),
    )]  # fmt: skip

    assert counts == [(1, 0, 0), (0, 0, 1), (0, 1, 0)]


def test_an_event_that_maps_to_no_action_is_unknown(tmp_path: Path) -> None:
    recording = recorded(tmp_path, event("unheardof", "DoIt"))

    result = replay(recording, ROLE, subject(allow("*", "*")))

    assert answers(result) == (0, 0, 1)


@pytest.mark.parametrize(
    "members", [{"errorCode": "ExpiredToken", "errorMessage": "expired"}, {"eventName": "GetCallerIdentity"}]
)
def test_calls_that_need_no_permission_or_failed_authentication_are_not_counted(
    members: dict[str, Any], tmp_path: Path
) -> None:
    recording = recorded(tmp_path, {**event("sts", "AssumeRole", {}), **members})

    assert replay(recording, ROLE, subject()).total == 0


def test_the_boundary_of_the_role_counts(tmp_path: Path) -> None:
    role = subject(allow("dynamodb:Query", TABLE), boundary=policy_document([allow("s3:*", "*")]))

    assert answers(replay(recorded(tmp_path, query()), ROLE, role)) == (0, 1, 0)


def test_an_unknown_policy_leaves_calls_unknown(tmp_path: Path) -> None:
    role = subject(unknown_policies=("policy x is not read here",))

    assert answers(replay(recorded(tmp_path, query()), ROLE, role)) == (0, 0, 1)


def test_conditions_are_evaluated_with_values_of_the_event(tmp_path: Path) -> None:
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    role = subject({**allow("kms:Decrypt", KEY), "Condition": via})
    decrypt = event("kms", "Decrypt", {}, resources=[{"ARN": KEY, "type": "AWS::KMS::Key"}])
    by_service = {**decrypt, "eventID": "x", "userIdentity": {
        **decrypt["userIdentity"], "invokedBy": "secretsmanager.amazonaws.com",
    }}  # fmt: skip

    direct, by_way = (answers(replay(recorded(tmp_path, call), ROLE, role)) for call in (decrypt, by_service))

    assert (direct, by_way) == ((0, 1, 0), (1, 0, 0))


def test_only_calls_of_named_or_unknown_families_are_replayed(tmp_path: Path) -> None:
    def run(task: str, family: str) -> dict[str, Any]:
        arn = f"arn:aws:ecs:eu-west-1:111122223333:task/shop/{task}"
        definition = f"arn:aws:ecs:eu-west-1:111122223333:task-definition/{family}:1"
        return event("ecs", "RunTask", {}, role="arn:aws:iam::111122223333:role/deploy", session="me",
                     responseElements={"tasks": [{"taskArn": arn, "taskDefinitionArn": definition}]})  # fmt: skip

    recording = recorded(
        tmp_path, run("a" * 32, "web"), run("b" * 32, "job"), *(query(session=letter * 32) for letter in "abc")
    )

    assert replay(recording, ROLE, subject(), ["web"]).total == 2
    assert replay(recording, ROLE, subject()).total == 3


def test_denied_calls_of_a_family_lead_to_its_task_definition(tmp_path: Path) -> None:
    start = {"taskArn": f"arn:aws:ecs:eu-west-1:111122223333:task/shop/{TASK}",
             "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/month-end:1"}  # fmt: skip
    run = event("ecs", "RunTask", {}, role="arn:aws:iam::111122223333:role/deploy", session="me",
                responseElements={"tasks": [start]})  # fmt: skip
    execution = ReplaySubject("execution", EffectiveRole("web-task", arn=ROLE))

    lines = list(replay_lines(replay(recorded(tmp_path, run, query()), ROLE, execution)))

    assert any(line.startswith("  the denied calls are of month-end: ") for line in lines)


def test_the_proposed_statements_allow_the_denied_calls(tmp_path: Path) -> None:
    recording = recorded(tmp_path, query(), event("s3", "GetObject", {"bucketName": "orders-in", "key": "a*b"}))

    result = replay(recording, ROLE, subject())
    again = replay(recording, ROLE, subject(*(statement.element() for statement in needed_statements(result))))

    assert answers(result) == (0, 2, 0)
    assert answers(again) == (2, 0, 0)


def test_the_role_of_the_same_name_is_chosen_whatever_its_path_or_account(tmp_path: Path) -> None:
    other = "arn:aws:iam::111122223333:role/other"
    recording = recorded(tmp_path, query(), query(role=other))

    assert choose_roles(recording, [subject()], {}) == [(ROLE, subject())]
    assert choose_roles(recording, [subject()], {None: "other"}) == [(other, subject())]
    assert choose_roles(recording, [subject()], {"task": other}) == [(other, subject())]


def test_among_roles_of_the_same_name_the_role_of_the_own_account_is_chosen(tmp_path: Path) -> None:
    other = "arn:aws:iam::444455556666:role/web-task"
    nameless = ReplaySubject("task", EffectiveRole("web-task"))
    recording = recorded(tmp_path, query(), query(role=other))

    assert choose_roles(recording, [subject()], {}) == [(ROLE, subject())]
    with pytest.raises(InputError, match=f"several roles are named 'web-task': {ROLE}, {other}"):
        choose_roles(recording, [nameless], {})


def test_a_role_of_policy_files_gets_the_only_recorded_role(tmp_path: Path) -> None:
    nameless = ReplaySubject("task", EffectiveRole("own.json"))

    assert choose_roles(recorded(tmp_path, query()), [nameless], {}) == [(ROLE, nameless)]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({None: "web-tsk"}, "role 'web-tsk' has no recorded calls; recorded roles: web-task"),
        ({None: "twice"}, "several roles are named 'twice'"),
    ],
)
def test_an_unknown_or_ambiguous_name_is_an_error(named: dict[Any, str], words: str, tmp_path: Path) -> None:
    twice = [f"arn:aws:iam::{account}:role/twice" for account in ("444455556666", "777788889999")]
    recording = recorded(tmp_path, query(), *(query(role=role) for role in twice))

    with pytest.raises(InputError, match=words):
        choose_roles(recording, [subject()], named)


def test_a_declared_role_without_recorded_calls_asks_for_the_name_of_the_recorded_role(tmp_path: Path) -> None:
    declared = ReplaySubject("task", EffectiveRole("new-task", arn="arn:aws:iam::111122223333:role/new-task"))

    with pytest.raises(InputError, match="role 'new-task' has no recorded calls; name the role that made the calls"):
        choose_roles(recorded(tmp_path, query()), [declared], {})


def test_one_of_two_roles_may_have_no_recorded_calls(tmp_path: Path) -> None:
    execution = ReplaySubject("execution", EffectiveRole("x", arn="arn:aws:iam::111122223333:role/x"))

    assert choose_roles(recorded(tmp_path, query()), [execution, subject()], {}) == [("", execution), (ROLE, subject())]
