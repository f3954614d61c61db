"""One JSON Schema for each report that verbs print with `--format json`: `taskrole schema --report NAME` prints it.

The schemas are closed: a key that a report gets is added here too, and one that changes or goes raises the report's
`schema_version`.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, Final

# Each report is a verb's, in a module of its own here with the function `schema`.
REPORTS: Final = ("audit", "check", "derive", "explain-denial", "observe", "review", "stacks", "verify")


def report_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the report of that name in `REPORTS`."""
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    heading = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"taskrole {name} --format json",
    }
    return {**heading, **module.schema()}


def report_schema_text(name: str) -> str:
    """Return the JSON Schema of a report as indented JSON."""
    return json.dumps(report_schema(name), indent=2, sort_keys=True) + "\n"
