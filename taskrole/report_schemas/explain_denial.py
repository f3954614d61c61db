"""The report of `taskrole explain-denial`."""

from __future__ import annotations

from taskrole.report_schemas.parts import (
    DOCUMENT,
    FLAG,
    KIND,
    REQUIRED_ELSEWHERE,
    TEXT,
    TEXTS,
    Schema,
    list_of,
    one_of,
    or_null,
    record,
    report,
)

_REMEDY = record(
    {
        "sentence": TEXT,
        "roles_yaml": or_null(TEXT),
        "statement": or_null(DOCUMENT),
        "required_elsewhere": or_null(REQUIRED_ELSEWHERE),
        "to_fill_in": FLAG,
    }
)
_ANSWER = record({"action": TEXT, "answer": one_of("allowed", "denied", "unknown"), "reason": TEXT})
_DECLARED = record({"stack": TEXT, "role": TEXT, "kind": KIND, "actions": list_of(_ANSWER), "forbidden": TEXTS})
_DENIAL = record(
    {
        "is_denied": FLAG,
        "actions": TEXTS,
        "resources": TEXTS,
        "principal": TEXT,
        "role": TEXT,
        "role_kind": or_null(KIND),
        "task": TEXT,
        "time": TEXT,
        "event": TEXT,
        "reason": TEXT,
        "is_explicit": or_null(FLAG),
        "policy": TEXT,
        "because": TEXT,
        "rule": or_null(TEXT),
        "is_ours": or_null(FLAG),
        "remedies": list_of(_REMEDY),
        "notes": TEXTS,
        "declared": or_null(_DECLARED),
    }
)


def schema() -> Schema:
    """Return the schema."""
    return report("explain-denial", {"denials": list_of(_DENIAL)})
