"""The report of `taskrole audit`."""

from __future__ import annotations

from taskrole.report_schemas import audit_of_accounts, check
from taskrole.report_schemas.audit_of_accounts import COUNTED, REPLACEMENT, ROLE_MEMBERS, TASK_MEMBERS
from taskrole.report_schemas.parts import (
    CONTEXT,
    COUNT,
    DOCUMENT,
    FINDING_MEMBERS,
    FLAG,
    TEXT,
    TEXTS,
    Schema,
    counts_of,
    list_of,
    map_of,
    or_null,
    record,
    report,
)

_ROLE = record(
    {
        **ROLE_MEMBERS,
        "excess": or_null(COUNT),
        "is_complete": FLAG,
        "by_level": map_of(COUNT),
        "exact": or_null(DOCUMENT),
        "open": TEXT,
        "replacements": list_of(REPLACEMENT),
    }
)


def schema() -> Schema:
    """Return the schema: of a report on one account and region, or on many."""
    return {"anyOf": [_of_one(), audit_of_accounts.schema()]}


def _of_one() -> Schema:
    return report(
        "audit",
        {
            "context": CONTEXT,
            "clusters": TEXTS,
            "task_definitions": list_of(record(TASK_MEMBERS)),
            "roles": list_of(_ROLE),
            "findings": list_of(record(FINDING_MEMBERS)),
            "check": check.schema(),
            "summary": counts_of(*COUNTED),
        },
    )
