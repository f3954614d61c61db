"""The report of `taskrole audit` on many accounts and regions."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.live.audit_model import Starts
from taskrole.live.fleet.failures import Reason
from taskrole.live.fleet.fleet_json import FLEET_REPORT
from taskrole.report_schemas.parts import (
    COUNT,
    FINDING_MEMBERS,
    FLAG,
    KIND,
    TEXT,
    TEXTS,
    Schema,
    counts_of,
    list_of,
    literal_values,
    one_of,
    or_null,
    record,
    report,
)

# Members of both reports of an audit: of a task definition, of a role, of an action's replacement, and the counts.
TASK_MEMBERS: Mapping[str, Schema] = {
    "name": TEXT,
    "arn": TEXT,
    "services": TEXTS,
    "starts": literal_values(Starts),
}
ROLE_MEMBERS: Mapping[str, Schema] = {
    "arn": TEXT,
    "name": TEXT,
    "kinds": list_of(KIND),
    "task_definitions": TEXTS,
    "services": TEXTS,
    "allowed": or_null(COUNT),
}
REPLACEMENT = record({"policy": TEXT, "allowed": COUNT, "statements": TEXTS})
COUNTED = ("services", "starts", "would_not_start", "unknown", "excess")

_TASK = record({**TASK_MEMBERS, "execution_role": TEXT, "task_role": TEXT})
_NEED = record(
    {
        "task_definition": TEXT,
        "kind": KIND,
        "role": TEXT,
        "status": one_of("MISSING", "unknown"),
        "actions": TEXTS,
        "resources": TEXTS,
        "why": TEXT,
        "sources": TEXTS,
    }
)
_ROLE = record(
    {
        **ROLE_MEMBERS,
        "excess": list_of(record({"action": TEXT, "allowed": TEXTS})),
        "is_complete": FLAG,
        "replacements": list_of(REPLACEMENT),
    }
)
_AUDIT = record(
    {
        "account": TEXT,
        "name": TEXT,
        "region": TEXT,
        "partition": TEXT,
        "clusters": TEXTS,
        "task_definitions": list_of(_TASK),
        "needs": list_of(_NEED),
        "roles": list_of(_ROLE),
        "findings": list_of(record(FINDING_MEMBERS, {"file": TEXT})),
        "summary": counts_of(*COUNTED),
    }
)
_NOT_READ = record({"account": TEXT, "name": TEXT, "region": TEXT, "reason": literal_values(Reason), "message": TEXT})
_COUNTED_IN_ALL = (
    "accounts",
    "accounts_read",
    "accounts_not_read",
    "accounts_read_in_part",
    "accounts_left_out",
    "task_definitions",
    "missing",
    *COUNTED,
)


def schema() -> Schema:
    """Return the schema."""
    return report(
        "audit of accounts",
        {
            "report": one_of(FLEET_REPORT),
            "audits": list_of(_AUDIT),
            "not_read": list_of(_NOT_READ),
            "left_out": list_of(record({"account": TEXT, "name": TEXT, "because": TEXT})),
            "summary": record({**dict.fromkeys(_COUNTED_IN_ALL, COUNT), "regions": TEXTS}),
        },
    )
