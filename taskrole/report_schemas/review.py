"""The report of `taskrole review`, made of the model that its JSON is written from."""

from __future__ import annotations

from typing import Any

from taskrole.report_schemas.parts import FLAG, SEVERITY, TEXT, TEXTS, Schema, or_null, record, version
from taskrole.review.report import Report

# What the JSON of a review has of a finding.
_FINDING = record(
    {
        "code": TEXT,
        "severity": SEVERITY,
        "address": TEXT,
        "message": TEXT,
        "fix": TEXT,
        "waived": or_null({"$ref": "#/$defs/Waiver"}),
        "location": or_null(record({"file": TEXT, "line": {"type": "integer"}})),
        "actions": TEXTS,
        "resources": TEXTS,
        "touched": FLAG,
    }
)
# What pydantic adds to each member, and what a reader of a schema learns nothing from.
_DROPPED = ("title", "default")


def schema() -> Schema:
    """Return the schema."""
    # Imported late: pydantic takes as long to import as everything else.
    from pydantic import TypeAdapter

    whole: Schema = _closed(TypeAdapter(Report).json_schema(mode="serialization"))
    whole["$defs"]["Finding"] = _FINDING
    whole["properties"]["schema_version"] = version("review")
    whole["required"].append("schema_version")
    return whole


def _closed(node: Any) -> Any:
    """Return a schema whose objects have all their members and no other."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    members = node.get("properties")
    closed = {key: _closed(value) for key, value in node.items() if key not in _DROPPED}
    if isinstance(members, dict):
        closed["properties"] = {key: _closed(value) for key, value in members.items()}
        closed |= {"required": [*members], "additionalProperties": False}
    return closed
