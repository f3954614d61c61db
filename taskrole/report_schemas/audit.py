"""The report of `taskrole audit`."""

from __future__ import annotations

from taskrole.live.audit_model import Starts
from taskrole.report_schemas import audit_of_accounts, check
from taskrole.report_schemas.parts import (
    CONTEXT,
    COUNT,
    DOCUMENT,
    FINDING_MEMBERS,
    FLAG,
    KIND,
    TEXT,
    TEXTS,
    Schema,
    list_of,
    literal_values,
    map_of,
    or_null,
    record,
    version,
)
from taskrole.report_versions import REPORT_VERSIONS

_TASK = record({"name": TEXT, "arn": TEXT, "services": TEXTS, "starts": literal_values(Starts)})
_REPLACEMENT = record({"policy": TEXT, "allowed": COUNT, "statements": TEXTS})
_ROLE = record(
    {
        "arn": TEXT,
        "name": TEXT,
        "kinds": list_of(KIND),
        "task_definitions": TEXTS,
        "services": TEXTS,
        "allowed": or_null(COUNT),
        "excess": or_null(COUNT),
        "is_complete": FLAG,
        "by_level": map_of(COUNT),
        "exact": or_null(DOCUMENT),
        "open": TEXT,
        "replacements": list_of(_REPLACEMENT),
    }
)
_COUNTED = ("services", "starts", "would_not_start", "unknown", "excess")


def schema() -> Schema:
    """Return the schema: of a report on one account and region, or on many."""
    return {"anyOf": [_of_one(), audit_of_accounts.schema()]}


def _of_one() -> Schema:
    return record(
        {
            "schema_version": version(REPORT_VERSIONS["audit"]),
            "context": CONTEXT,
            "clusters": TEXTS,
            "task_definitions": list_of(_TASK),
            "roles": list_of(_ROLE),
            "findings": list_of(record(FINDING_MEMBERS)),
            "check": check.schema(),
            "summary": record(dict.fromkeys(_COUNTED, COUNT)),
        }
    )
