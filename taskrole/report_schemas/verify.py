"""The report of `taskrole verify`."""

from __future__ import annotations

from taskrole.live.verify import VerifiedStatus
from taskrole.report_schemas.parts import ANYTHING, TEXT, Schema, list_of, literal_values, or_null, record, report

# Both sides of a comparison are of any type: text, a number, a document; null where there is nothing.
_ITEM = record({"item": TEXT, "status": literal_values(VerifiedStatus), "expected": ANYTHING, "found": ANYTHING})
_ROLE = record({"role": TEXT, "arn": or_null(TEXT), "items": list_of(_ITEM)})


def schema() -> Schema:
    """Return the schema."""
    stack = record({"stack": TEXT, "roles": list_of(_ROLE)})
    return report("verify", {"stacks": list_of(stack)})
