"""Tests the report of recorded calls: denials, guesses and roles."""

from __future__ import annotations

from dataclasses import replace

from taskrole.observe.recording import Denial, RecordedCall, UnmappedEvent
from taskrole.observe.report import RoleReport, observed
from tests.observe.recordings import FIRST, LAST, QUEUE, ROLE, call, guess, recording

OTHER_ROLE = f"{ROLE}-other"


def only(*calls: RecordedCall) -> RoleReport:
    (role,) = observed(recording(*calls)).roles
    return role


def test_a_denial_has_its_reason_and_whether_it_was_allowed_later() -> None:
    denied = call(
        "sqs:SendMessage", QUEUE, outcome="denied", last="2026-10-01T00:00:00Z", denial=Denial("boundary", False)
    )

    (never,), (later,) = only(denied).denied, only(denied, call("sqs:SendMessage", QUEUE)).denied

    assert never.reason == "the role's permissions boundary does not allow it"
    assert (never.since_allowed, later.since_allowed) == (False, True)


def test_a_guess_is_about_the_only_role_and_seen_if_a_call_confirms_it() -> None:
    role = only(call("sqs:SendMessage", QUEUE), guess("sqs:SendMessage", "*"), guess("sqs:PurgeQueue", "*"))

    assert role.usage.role == ROLE
    assert [(guess.action, guess.is_seen) for guess in role.guesses] == [
        ("sqs:PurgeQueue", False),
        ("sqs:SendMessage", True),
    ]
    assert role.usage.evidence is not None
    assert role.usage.evidence.count == 3


def test_a_guess_is_about_no_role_with_several_roles() -> None:
    calls = (call("sqs:SendMessage", QUEUE), call("sqs:SendMessage", QUEUE, role=OTHER_ROLE))

    report = observed(recording(*calls, guess("sqs:PurgeQueue", "*")))

    assert [(role.usage.role, len(role.guesses)) for role in report.roles] == [("", 1), (ROLE, 0), (OTHER_ROLE, 0)]


def test_an_event_without_a_known_permission_is_listed_with_its_role() -> None:
    event = UnmappedEvent(ROLE, "frobnicate.amazonaws.com:DoIt", "its service is not known", 2, FIRST, LAST)

    (role,) = observed(replace(recording(), unmapped=(event,))).roles

    assert role.usage.unmapped == (event,)


def test_a_role_that_pulls_images_counts_as_execution_role() -> None:
    pull = call("ecr:BatchGetImage", "arn:aws:ecr:eu-central-1:111122223333:repository/web")

    assert (only(pull).kind, only(call("sqs:SendMessage", QUEUE)).kind) == ("execution", "task")
