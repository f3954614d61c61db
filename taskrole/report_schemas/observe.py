"""The report of `taskrole observe`."""

from __future__ import annotations

from taskrole.observe.sorted_uses import UsesForm
from taskrole.report_schemas.parts import (
    BLIND_SPOTS,
    COUNT,
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
    report,
)

# Times are ISO 8601 in UTC; there are at least so many tasks, and exactly so many where `tasks_are_exact`.
_EVIDENCE = record(
    {"count": COUNT, "first": TEXT, "last": TEXT, "tasks": COUNT, "tasks_are_exact": FLAG, "task_ids": TEXTS}
)
_PREFIX = record({"pattern": TEXT, "seen": COUNT})
_PROPOSAL = record(
    {
        "form": literal_values(UsesForm),
        "actions": TEXTS,
        "resources": TEXTS,
        "generalised": list_of(_PREFIX),
        "evidence": _EVIDENCE,
    }
)
_NOT_PROPOSED = record({"action": TEXT, "resource": or_null(TEXT), "because": TEXT, "evidence": _EVIDENCE})
_TOO_LARGE = record(
    {"characters": COUNT, "resources": COUNT, "generalise": or_null(COUNT), "prefixes": list_of(_PREFIX)}
)
_GRANTED = record(
    {
        "policy": TEXT,
        "named": TEXTS,
        "actions": TEXTS,
        "resources": TEXTS,
        "is_all_but_these": FLAG,
        "evidence": or_null(_EVIDENCE),
        "because": TEXT,
    }
)
_COMPARISON = record(
    {
        "role": TEXT,
        "used": list_of(_GRANTED),
        "never_used": list_of(_GRANTED),
        "not_visible": list_of(_GRANTED),
        "unknown": TEXTS,
    }
)
_DENIED = record(
    {"action": TEXT, "resource": or_null(TEXT), "because": TEXT, "allowed_later": FLAG, "evidence": _EVIDENCE}
)
_GUESSED = record({"action": TEXT, "resource": or_null(TEXT), "tool": TEXT, "is_seen": FLAG})
_UNMAPPED = record({"event": TEXT, "because": TEXT, "count": COUNT, "first": TEXT, "last": TEXT})
_ROLE = record(
    {
        "role": TEXT,
        "kind": KIND,
        "families": TEXTS,
        "evidence": or_null(_EVIDENCE),
        "proposals": list_of(_PROPOSAL),
        "not_proposed": list_of(_NOT_PROPOSED),
        "already_declared": COUNT,
        "too_large": or_null(_TOO_LARGE),
        "comparison": or_null(_COMPARISON),
        "denied": list_of(_DENIED),
        "guessed": list_of(_GUESSED),
        "unmapped": list_of(_UNMAPPED),
        "last_accessed": or_null(map_of(TEXT)),
        "not_recorded": TEXTS,
    }
)
_READ = record({"events": COUNT, "kept": COUNT, "first": TEXT, "last": TEXT, "accounts": TEXTS, "regions": TEXTS})


def schema() -> Schema:
    """Return the schema."""
    members = {"evidence": _READ, "roles": list_of(_ROLE), "blind_spots": BLIND_SPOTS, "skipped": TEXTS}
    return report("observe", members)
