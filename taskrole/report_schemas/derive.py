"""The report of `taskrole derive`: of one family, or of several."""

from __future__ import annotations

from typing import get_args

from taskrole.grant import RoleKind
from taskrole.policy.documents.policy import PolicyKind
from taskrole.report_schemas.parts import (
    CONDITIONS,
    CONTEXT,
    DOCUMENT,
    FINDING_MEMBERS,
    REQUIRED_ELSEWHERE,
    TEXT,
    TEXTS,
    Schema,
    list_of,
    literal_values,
    record,
    report,
)

_GRANT = record(
    {
        "rule": TEXT,
        "actions": TEXTS,
        "resources": TEXTS,
        "conditions": CONDITIONS,
        "source": TEXT,
        "because": TEXT,
        "doc": TEXT,
    },
    {"effect": {"const": "Deny"}, "file": TEXT},
)
_POLICY = record({"name": TEXT, "kind": literal_values(PolicyKind), "document": DOCUMENT})
_ROLE = record({"trust": DOCUMENT, "policies": list_of(_POLICY), "grants": list_of(_GRANT)})
_BODY = {
    # Neither where there are errors; one of the two with --role.
    "roles": record({}, dict.fromkeys(get_args(RoleKind), _ROLE)),
    "findings": list_of(record(FINDING_MEMBERS, {"file": TEXT})),
    "required_elsewhere": list_of(REQUIRED_ELSEWHERE),
}


def schema() -> Schema:
    """Return the schema: `schema_version` says which of the two forms it is."""
    family = record({"family": TEXT, "files": TEXTS, **_BODY})
    return {
        "anyOf": [
            report("derive", {"context": CONTEXT, **_BODY}),
            report("derive by family", {"context": CONTEXT, "families": list_of(family)}),
        ]
    }
