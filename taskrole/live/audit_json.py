"""An audit as JSON. The same account results in the same bytes, in ASCII."""

from __future__ import annotations

import json
from typing import Any

from taskrole.check.json_report import report_json
from taskrole.live.audit_model import Audit, RoleAudit
from taskrole.output.json_text import json_text
from taskrole.output.report_members import context_member
from taskrole.report_versions import REPORT_VERSIONS


def audit_json(audit: Audit) -> str:
    """Return the JSON of an audit, ended by a line feed; `check` is the output of `taskrole check --format json`."""
    data = {
        "schema_version": REPORT_VERSIONS["audit"],
        "context": context_member(audit.context),
        "clusters": list(audit.account.clusters),
        "task_definitions": [
            {"name": task.name, "arn": task.arn, "services": list(task.services), "starts": task.starts}
            for task in audit.tasks
        ],
        "roles": [_role(role) for role in audit.roles],
        "findings": [
            {"code": finding.code, "severity": finding.severity, "source": finding.source, "message": finding.message}
            for finding in audit.findings
        ],
        "check": json.loads(report_json(audit.report)),
        "summary": {
            "services": len(audit.account.services),
            "starts": audit.count("yes"),
            "would_not_start": audit.count("no"),
            "unknown": audit.count("unknown"),
            "excess": audit.excess,
        },
    }
    return json_text(data)


def _role(role: RoleAudit) -> dict[str, Any]:
    return {
        "arn": role.arn,
        "name": role.name,
        "kinds": list(role.kinds),
        "task_definitions": list(role.tasks),
        "services": list(role.services),
        "allowed": role.excess.allowed if role.excess else None,
        "excess": role.excess.count if role.excess else None,
        "is_complete": bool(role.excess and role.excess.is_complete),
        "by_level": dict(role.excess.report.counts) if role.excess else {},
        "exact": role.exact,
        "open": role.open,
        "replacements": [
            {"policy": replacement.policy, "allowed": replacement.allowed, "statements": list(replacement.sids)}
            for replacement in role.replacements
        ],
    }
