"""SARIF 2.1.0: findings for GitHub code scanning and other viewers.

A result has the place within the input as its logical location, and refers to a file of the working folder if it is
known; the input itself is not quoted. Fingerprints do not contain lines, so they stay the same when code moves.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from taskrole.finding import Finding, Severity, by_code
from taskrole.output.escape.plain import cut, visible
from taskrole.output.escape.sarif import relative_uri, sarif_message
from taskrole.output.formats.places import LEFT_ALONE, finding_fingerprint, place_in_folder
from taskrole.output.formats.report import FindingReport
from taskrole.output.json_text import json_text
from taskrole.output.options import DEFAULTS, HOMEPAGE, RenderOptions

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000
_LONGEST_ADDRESS = 500
# GitHub displays these as high, medium and low.
_SECURITY_SEVERITY: Mapping[Severity, str] = {"error": "8.0", "warning": "5.0", "note": "2.0"}


def findings_sarif(findings: Sequence[Finding], options: RenderOptions = DEFAULTS) -> str:
    """Return findings, in order, as a SARIF run; waivers are suppressions.

    GitHub accepts 25,000 results per run: further findings are left out, and a notification has their number.
    """
    severities: dict[str, Severity] = {}
    for finding in findings:
        severities.setdefault(finding.code, finding.severity)
    indexes = {code: index for index, code in enumerate(sorted(severities))}
    left_out = len(findings) - MOST_RESULTS
    run = {
        "tool": {
            "driver": {
                "name": "taskrole",
                "semanticVersion": options.version,
                "informationUri": options.docs_address or HOMEPAGE,
                "rules": [_rule(code, severities[code], options) for code in indexes],
            }
        },
        "automationDetails": {"id": _category(options)},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_left_out(left_out)] if left_out > 0 else [],
            }
        ],
        "results": [_result(finding, indexes, options) for finding in findings[:MOST_RESULTS]],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def render_sarif_report(report: FindingReport, options: RenderOptions) -> str:
    """Return the findings of a verb as a SARIF run, most severe first."""
    return findings_sarif(by_code(report.findings), options)


def _category(options: RenderOptions) -> str:
    """Return the id that separates the runs of verbs and stacks: `taskrole/`, `taskrole/check/production/`."""
    return "".join(f"{visible(part)}/" for part in ("taskrole", options.verb, options.stack) if part)


def _rule(code: str, severity: Severity, options: RenderOptions) -> dict[str, Any]:
    title = sarif_message(options.titles.get(code, code))
    address = options.rule_address(code)
    return {
        "id": visible(code),
        "name": "".join(word.capitalize() for word in re.split("[^A-Za-z0-9]+", code)) or "Rule",
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        **({"helpUri": address} if address else {}),
        "help": {"text": f"{title}. See {address or options.rules_page}."},
        "defaultConfiguration": {"level": severity},
        "properties": {
            "tags": ["security", "iam"],
            "precision": "high",
            "security-severity": _SECURITY_SEVERITY[severity],
        },
    }


def _result(finding: Finding, indexes: Mapping[str, int], options: RenderOptions) -> dict[str, Any]:
    suppressions = [{"kind": "external", "status": "accepted", "justification": sarif_message(finding.waiver_text)}]
    return {
        "ruleId": visible(finding.code),
        "ruleIndex": indexes[finding.code],
        "level": finding.severity,
        "message": {"text": sarif_message(f"{finding.advice}{'' if finding.touched else LEFT_ALONE}")},
        "locations": [_location(finding, options)],
        "partialFingerprints": {"taskrole/v1": finding_fingerprint(finding, options)},
        "suppressions": suppressions if finding.waived else [],
        **({} if finding.touched else {"properties": {"touched": False}}),
    }


def _location(finding: Finding, options: RenderOptions) -> dict[str, Any]:
    place = place_in_folder(finding, options)
    uri = relative_uri(place.file) or "roles.yaml"
    name = visible(cut(finding.source, _LONGEST_ADDRESS))
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": place.line}},
        **({"logicalLocations": [{"fullyQualifiedName": name, "kind": options.place_kind}]} if name else {}),
    }


def _left_out(number: int) -> dict[str, Any]:
    results = f"{number:,} result{'' if number == 1 else 's'}"
    return {
        "level": "warning",
        "message": {"text": f"Left out, since GitHub accepts {MOST_RESULTS:,} per run: {results}."},
    }
