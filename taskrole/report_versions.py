"""The schema_version of each JSON report; it changes with every incompatible change of the report."""

from __future__ import annotations

from collections.abc import Mapping

REPORT_VERSIONS: Mapping[str, int] = {
    "audit": 2,
    "audit of accounts": 1,
    "check": 2,
    "derive": 1,
    "derive by family": 2,
    "explain-denial": 1,
    "observe": 1,
    "review": 1,
    "stacks": 1,
    "verify": 1,
}
