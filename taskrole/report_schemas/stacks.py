"""The report of `taskrole stacks`."""

from __future__ import annotations

from taskrole.cli.stacks import SCHEMA_VERSION
from taskrole.report_schemas.parts import COUNT, TEXT, Schema, list_of, or_null, record, version


def schema() -> Schema:
    """Return the schema."""
    stack = record({"stack": TEXT, "region": TEXT, "account": or_null(TEXT), "roles": COUNT})
    return record({"schema_version": version(SCHEMA_VERSION), "stacks": list_of(stack)})
