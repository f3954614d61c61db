"""Recordings of calls of an invented role."""

from __future__ import annotations

from typing import Any

from taskrole.observe.recording import Reach, RecordedCall, Recording

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-task"
FIRST, LAST = "2026-09-01T08:00:00Z", "2026-11-24T08:00:00Z"
TASKS = tuple(f"{number:032x}" for number in range(1, 6))
QUEUE = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs"
TABLE = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/orders"
OBJECTS = "arn:aws:s3:::orders-in/uploads"


def call(action: str, resource: str | None, **members: Any) -> RecordedCall:
    """Return a call that was allowed three times, made by a task; `members` replace members."""
    given: dict[str, Any] = {
        "outcome": "allowed",
        "event": "example.amazonaws.com:Example",
        "count": 3,
        "first": FIRST,
        "last": LAST,
        "tasks": TASKS[:1],
        "task_count": 1,
        **members,
    }
    return RecordedCall(given.pop("role", ROLE), action, resource, **given)


def guess(action: str, resource: str | None) -> RecordedCall:
    """Return a call that a tool derived without a role."""
    return RecordedCall("", action, resource, "allowed", "iam-policy-autopilot", 0, "", "", "guessed")


def recording(*calls: RecordedCall, **members: Any) -> Recording:
    """Return a recording of calls; `members` are those of its reach."""
    events = sum(call.count for call in calls)
    given: dict[str, Any] = {"first": FIRST, "last": LAST, "accounts": (ACCOUNT,), "regions": ("eu-central-1",)}
    return Recording(calls, (), Reach(events, events, **{**given, **members}))
