"""A report on several accounts as JSON. The same answers result in the same bytes, in ASCII."""

from __future__ import annotations

from typing import Any

from taskrole.live.fleet.part_json import part_json
from taskrole.live.fleet.report import FleetReport
from taskrole.output.json_text import json_text
from taskrole.report_versions import REPORT_VERSIONS

FLEET_REPORT = "audit of accounts"


def fleet_json(report: FleetReport) -> str:
    """Return the JSON of a report, ended by a line feed."""
    return json_text(fleet_data(report))


def fleet_data(report: FleetReport) -> dict[str, Any]:
    """Return the data of a report; `report` is its kind, as an audit of a single account has another schema."""
    return {
        "schema_version": REPORT_VERSIONS["audit of accounts"],
        "report": FLEET_REPORT,
        "audits": [part_json(part) for part in report.parts],
        "not_read": [
            {
                "account": failure.account,
                "name": failure.name,
                "region": failure.region,
                "reason": failure.reason,
                "message": failure.message,
            }
            for failure in report.failures
        ],
        "left_out": [
            {"account": skipped.account, "name": skipped.name, "because": skipped.because} for skipped in report.skipped
        ],
        "summary": {
            "accounts": len(report.accounts),
            "accounts_read": len(report.read_accounts),
            "accounts_not_read": len(report.failed_accounts - report.read_accounts),
            "accounts_read_in_part": len(report.failed_accounts & report.read_accounts),
            "accounts_left_out": len(report.skipped),
            "regions": list(report.regions),
            "services": report.services,
            "task_definitions": report.tasks,
            "starts": report.starting("yes"),
            "would_not_start": report.starting("no"),
            "unknown": report.starting("unknown"),
            "missing": report.lacking("MISSING"),
            "excess": report.excess,
        },
    }
