"""An audit as findings: those on the account, and those of the check of its task definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from taskrole.check.findings import check_findings, excess_finding
from taskrole.finding import Finding
from taskrole.live.audit_model import Audit
from taskrole.live.fleet.part import AccountPart, NeedRow, RoleRow
from taskrole.live.fleet.report import FleetReport
from taskrole.live.rules import AUDIT_MISSING, AUDIT_UNKNOWN, AUDIT_UNREAD
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count


def audit_findings(audit: Audit) -> FindingReport:
    """Return the findings of an audit; task definitions are named FAMILY:REVISION."""
    check = check_findings(audit.report)
    starts = _starts(audit.count("yes"), audit.count("no"), audit.count("unknown"))
    summary = (f"{count(len(audit.tasks), 'task definition')}: {starts}.", *check.summary)
    roles = Suite(f"roles of {audit.context.account or 'the account'}", (), audit.findings)
    suites = (_named(suite) for suite in check.suites)
    return FindingReport("audit", summary, (roles, *suites))


def fleet_findings(report: FleetReport) -> FindingReport:
    """Return the findings of an audit of several accounts; each account or region that was not read is an error."""
    starts = _starts(report.starting("yes"), report.starting("no"), report.starting("unknown"))
    accounts = count(len(report.accounts), "account")
    failed = tuple(
        AUDIT_UNREAD.finding(f"account {failure.account} {failure.region}".rstrip(), failure.message, key=())
        for failure in report.failures
    )
    unread = (Suite("accounts that were not read", (), failed),) if failed else ()
    summary = (f"{accounts}, {count(report.tasks, 'task definition')}: {starts}.",)
    return FindingReport("audit", summary, (*unread, *map(_part, report.parts)))


def _starts(yes: int, no: int, unknown: int) -> str:
    return f"{yes:,} start, {no:,} do not start, {unknown:,} may not start"


def _named(suite: Suite) -> Suite:
    """Return a suite whose findings name the task definition as their place: an account has no files."""
    findings = (
        replace(finding, file="", source=f"{finding.file} {finding.source}".strip()) for finding in suite.findings
    )
    return replace(suite, findings=tuple(findings))


def _part(part: AccountPart) -> Suite:
    place = f"{part.account} {part.region}"
    passed = tuple(f"{task.name} starts" for task in part.tasks if task.starts == "yes")
    findings = (
        *(replace(finding, source=f"{place} {finding.source}", file="") for finding in part.findings),
        *(_need(place, need) for need in part.needs),
        *_excess(place, part.roles),
    )
    return Suite(place, passed, findings)


def _need(place: str, need: NeedRow) -> Finding:
    is_missing = need.status == "MISSING"
    says = "does not allow" if is_missing else "may not allow"
    what = f"{', '.join(need.actions) or 'sts:AssumeRole'} on {' or '.join(need.resources) or need.role}"
    return (AUDIT_MISSING if is_missing else AUDIT_UNKNOWN).finding(
        f"{place} {need.task} {need.sources[0] if need.sources else ''}".rstrip(),
        f"{need.kind} role {need.role} {says} {what}, because {need.why}",
        actions=need.actions,
        resources=need.resources,
    )


def _excess(place: str, roles: tuple[RoleRow, ...]) -> Iterator[Finding]:
    for role in roles:
        if role.allowed is not None and role.excess and role.is_complete:
            yield excess_finding(role.name, role.allowed, [action for action, _ in role.excess], place)
