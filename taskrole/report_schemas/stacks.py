"""The report of `taskrole stacks`."""

from __future__ import annotations

from taskrole.report_schemas.parts import COUNT, TEXT, Schema, list_of, or_null, record, report


def schema() -> Schema:
    """Return the schema."""
    stack = record({"stack": TEXT, "region": TEXT, "account": or_null(TEXT), "roles": COUNT})
    return report("stacks", {"stacks": list_of(stack)})
