"""SARIF 2.1.0: findings for GitHub's code scanning and every other viewer.

A result names the Terraform address as its logical location and stands in the user's own source, where that is known;
the plan is never pointed at, nor quoted. Fingerprints hold no line, so that a finding stays the same when code moves.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from taskrole.grant import Severity
from taskrole.output.escape.plain import cut, visible
from taskrole.output.escape.sarif import relative_uri, sarif_message
from taskrole.output.json_text import json_text
from taskrole.plan.accounting import NotReviewed
from taskrole.plan.model import Unresolved
from taskrole.review.render.options import DEFAULTS, HOMEPAGE, RenderOptions
from taskrole.review.render.view import (
    LEFT_ALONE,
    advice,
    counted,
    digest,
    findings_by_severity,
    identity,
    unresolved_name,
    waiver_text,
)
from taskrole.review.report import Report, ReviewFinding, SourceLocation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000
_UNRESOLVED = "unresolved"
_NOT_REVIEWED = "not-reviewed"
_TITLES = {
    _UNRESOLVED: "A value that the plan does not tell",
    _NOT_REVIEWED: "A change that can matter for access and is not reviewed",
}
_LONGEST_ADDRESS = 500
# GitHub names these high, medium and low.
_SECURITY_SEVERITY: Mapping[Severity, str] = {"error": "8.0", "warning": "5.0", "note": "2.0"}


def render_sarif(report: Report, options: RenderOptions = DEFAULTS) -> str:
    """Return findings and unresolved values as one run of SARIF; waivers are its suppressions.

    GitHub takes 25,000 results of a run: beyond that the least severe are left out, and a notification tells.
    """
    findings = findings_by_severity(report.findings)
    codes: dict[str, Severity] = {}
    for finding in findings:
        codes.setdefault(finding.code, finding.severity)
    if report.unresolved:
        codes[_UNRESOLVED] = "warning"
    if report.not_reviewed:
        codes[_NOT_REVIEWED] = "note"
    indexes = {code: index for index, code in enumerate(sorted(codes))}
    results = [
        *(_unresolved(one, indexes, options) for one in report.unresolved),
        *(_result(finding, indexes, options) for finding in findings),
        *(_not_reviewed(entry, indexes, options) for entry in report.not_reviewed),
    ]
    left_out = len(results) - MOST_RESULTS
    run = {
        "tool": {
            "driver": {
                "name": "taskrole",
                "semanticVersion": options.version,
                "informationUri": options.docs_address or HOMEPAGE,
                "rules": [_rule(code, codes[code], options) for code in sorted(codes)],
            }
        },
        "automationDetails": {"id": f"taskrole/{visible(options.stack)}/" if options.stack else "taskrole/"},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_left_out(left_out)] if left_out > 0 else [],
            }
        ],
        "results": results[:MOST_RESULTS],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, severity: Severity, options: RenderOptions) -> dict[str, Any]:
    title = sarif_message(options.titles.get(code, _TITLES.get(code, code)))
    address = options.rule_address(code)
    return {
        "id": visible(code),
        "name": "".join(word.capitalize() for word in re.split("[^A-Za-z0-9]+", code)) or "Rule",
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        **({"helpUri": address} if address else {}),
        "help": {"text": f"{title}. See {address or 'docs/review-rules.md'}."},
        "defaultConfiguration": {"level": severity},
        "properties": {
            "tags": ["security", "iam"],
            "precision": "high",
            "security-severity": _SECURITY_SEVERITY[severity],
        },
    }


def _result(finding: ReviewFinding, indexes: Mapping[str, int], options: RenderOptions) -> dict[str, Any]:
    suppressions = [{"kind": "external", "status": "accepted", "justification": sarif_message(waiver_text(finding))}]
    return {
        "ruleId": visible(finding.code),
        "ruleIndex": indexes[finding.code],
        "level": finding.severity,
        "message": {"text": sarif_message(f"{advice(finding)}{'' if finding.touched else LEFT_ALONE}")},
        "locations": [_location(finding.address, finding.location or options.source, options)],
        "partialFingerprints": {"taskrole/v1": digest(options.stack, *identity(finding))},
        "suppressions": suppressions if finding.waived else [],
        **({} if finding.touched else {"properties": {"touched": False}}),
    }


def _unresolved(one: Unresolved, indexes: Mapping[str, int], options: RenderOptions) -> dict[str, Any]:
    address = unresolved_name(one)
    return {
        "ruleId": _UNRESOLVED,
        "ruleIndex": indexes[_UNRESOLVED],
        "level": "warning",
        "message": {"text": sarif_message(f"{address} is not known: {one.because}")},
        "locations": [_location(one.address, options.source, options)],
        "partialFingerprints": {"taskrole/v1": digest(options.stack, _UNRESOLVED, one.address, one.attribute)},
        "suppressions": [],
    }


def _not_reviewed(entry: NotReviewed, indexes: Mapping[str, int], options: RenderOptions) -> dict[str, Any]:
    return {
        "ruleId": _NOT_REVIEWED,
        "ruleIndex": indexes[_NOT_REVIEWED],
        "level": "note",
        "message": {"text": sarif_message(f"{entry.address} is not reviewed ({entry.category}): {entry.why}")},
        "locations": [_location(entry.address, options.source, options)],
        "partialFingerprints": {"taskrole/v1": digest(options.stack, _NOT_REVIEWED, entry.address)},
        "suppressions": [],
    }


def _location(address: str, place: SourceLocation, options: RenderOptions) -> dict[str, Any]:
    uri, line = relative_uri(place.file), place.line
    if uri is None:
        uri, line = relative_uri(options.source.file), options.source.line
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri or "roles.yaml"}, "region": {"startLine": max(1, line)}},
        "logicalLocations": [{"fullyQualifiedName": visible(cut(address, _LONGEST_ADDRESS)), "kind": "resource"}],
    }


def _left_out(number: int) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": f"Left out, since GitHub takes {MOST_RESULTS:,} of a run: {counted(number, 'result')}."},
    }
