"""The report of `taskrole check`, which that of `taskrole audit` has in it."""

from __future__ import annotations

from taskrole.check.report import Status
from taskrole.policy.evaluation.coverage import Answer
from taskrole.report_schemas.parts import (
    BLIND_SPOTS,
    CONDITIONS,
    CONTEXT,
    COUNT,
    DOCUMENT,
    FINDING_MEMBERS,
    FLAG,
    KIND,
    REQUIRED_ELSEWHERE,
    TEXT,
    TEXTS,
    Schema,
    counts_of,
    list_of,
    literal_values,
    map_of,
    or_null,
    record,
    report,
)

# What people see where the permission of an item is missing.
_FAILURE = record({"stops": FLAG, "where": TEXT, "words": TEXT, "note": TEXT, "page": TEXT})
_ITEM = record(
    {
        "status": literal_values(Status),
        "rule": TEXT,
        "actions": TEXTS,
        "resources": TEXTS,
        "conditions": CONDITIONS,
        "sources": TEXTS,
        "because": TEXT,
    },
    {"why": TEXT, "failure": _FAILURE},
)
_ROLE = record({"kind": KIND, "role": or_null(TEXT), "needs": COUNT, "items": list_of(_ITEM)})
_EXCESS = record({"action": TEXT, "level": TEXT, "allowed": TEXTS, "needed": TEXTS, "because": TEXT})
_EXCESSES = record(
    {
        "role": TEXT,
        "kinds": list_of(KIND),
        "is_complete": FLAG,
        "allowed": COUNT,
        "count": COUNT,
        "by_level": map_of(COUNT),
        "misplaced": TEXTS,
        "actions": list_of(_EXCESS),
        "unknown": TEXTS,
        "unresolved": TEXTS,
    }
)
_CALL = record(
    {
        "answer": literal_values(Answer),
        "action": TEXT,
        "resource": or_null(TEXT),
        "why": TEXT,
        "count": COUNT,
        "first": TEXT,
        "last": TEXT,
        "tasks": TEXTS,
        "task_count": COUNT,
        "event": TEXT,
        "family": TEXT,
    }
)
_EVENT = record({"event": TEXT, "why": TEXT, "count": COUNT, "first": TEXT, "last": TEXT})
_REPLAY = record(
    {
        "kind": KIND,
        "role": TEXT,
        "other_role": or_null(TEXT),
        "calls_of": TEXT,
        "tasks": COUNT,
        "first": TEXT,
        "last": TEXT,
        "recorded_calls": COUNT,
        "allowed": COUNT,
        "denied": COUNT,
        "unknown": COUNT,
        "calls": list_of(_CALL),
        "unmapped": list_of(_EVENT),
        "denied_then": list_of(_CALL),
        "guessed": COUNT,
        "statements": list_of(DOCUMENT),
    }
)
_EVIDENCE = record(
    {
        "events": COUNT,
        "first": TEXT,
        "last": TEXT,
        "accounts": TEXTS,
        "regions": TEXTS,
        "blind_spots": BLIND_SPOTS,
        "skipped": TEXTS,
    }
)


def schema() -> Schema:
    """Return the schema."""
    return report(
        "check",
        {
            "context": CONTEXT,
            "tasks": list_of(record({"file": TEXT, "family": TEXT, "roles": list_of(_ROLE)})),
            "excess": list_of(_EXCESSES),
            "findings": list_of(record({**FINDING_MEMBERS, "is_unknown": FLAG}, {"file": TEXT})),
            "required_elsewhere": list_of(REQUIRED_ELSEWHERE),
            "summary": counts_of("ok", "missing", "unknown", "errors", "excess", "tasks", "would_fail", "may_fail"),
        },
        {"replays": list_of(_REPLAY), "evidence": _EVIDENCE},
    )
