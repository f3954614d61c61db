"""Members that the JSON of several reports has, as data."""

from __future__ import annotations

from typing import Any

from taskrole.arns import Context
from taskrole.finding import Finding
from taskrole.grant import RequiredElsewhere


def context_member(context: Context) -> dict[str, Any]:
    """Return the partition, region and account of a report."""
    return {"partition": context.partition, "region": context.region, "account": context.account}


def finding_member(finding: Finding) -> dict[str, Any]:
    """Return a finding on an input, with its file if there are several."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        **({"file": finding.file} if finding.file else {}),
        "source": finding.source,
        "message": finding.message,
    }


def required_member(required: RequiredElsewhere) -> dict[str, Any]:
    """Return what another account must add."""
    return {
        "account": required.account,
        "service": required.service,
        "resource": required.resource,
        "statement": required.statement,
        "because": required.because,
    }
