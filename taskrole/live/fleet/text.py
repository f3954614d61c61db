"""A terminal report on many accounts: a row per account and region, the worst first, and what stops tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.finding import Finding
from taskrole.live.audit_text import text_table
from taskrole.live.fleet.part import AccountPart, NeedRow
from taskrole.live.fleet.report import FleetReport
from taskrole.output.lines import count
from taskrole.output.text.page import Page

_HEADINGS = ("ACCOUNT", "REGION", "SERVICES", "TASK DEFINITIONS", "WOULD NOT START", "UNKNOWN", "MISSING", "EXCESS")
_MOST_NAMES = 3


def write_fleet(page: Page, report: FleetReport) -> None:
    """Add a report to a page."""
    page.line(title(report), style="bold")
    _accounts(page, report)
    _troubles(page, report)
    _findings(page, report)
    _failures(page, report)
    page.blank()
    page.line(fleet_summary(report), style="bold")


def title(report: FleetReport) -> str:
    """Return the title: the accounts and regions that were to be read, and how many were."""
    accounts, failed = len(report.accounts), len(report.failed_accounts)
    partly = len(report.failed_accounts & report.read_accounts)
    notes = [
        "" if failed else "all read",
        f"{failed - partly} not read" if failed - partly else "",
        f"{partly} read in part" if partly else "",
        f"{len(report.skipped)} left out" if report.skipped else "",
    ]
    read = ", ".join(note for note in notes if note)
    return (
        f"{count(accounts, 'account')}, {count(len(report.regions), 'region')}: {read}; "
        f"{count(report.services, 'service')}, {count(report.tasks, 'task definition')}"
    )


def fleet_summary(report: FleetReport) -> str:
    """Return the report in one line."""
    unknown = report.starting("unknown")
    open_ = f", {unknown} unknown" if unknown else ""
    failed = f"; {count(len(report.failures), 'account or region')} not read: unknown" if report.failures else ""
    return (
        f"{report.starting('no')} of {count(report.tasks, 'task definition')} would not start{open_}: "
        f"{report.lacking('MISSING')} MISSING; {report.excess} EXCESS in execution roles{failed}"
    )


def account_label(account: str, name: str) -> str:
    """Return an account's id and, if it has one, its name."""
    return f"{account} {name}" if name else account


def _accounts(page: Page, report: FleetReport) -> None:
    busy = [part for part in worst_first(report.parts) if part.tasks]
    if busy:
        page.blank()
        lines = text_table(_HEADINGS, [_row(part) for part in busy])
        page.value(next(lines), 0)
        for line, part in zip(lines, busy, strict=True):
            page.value(line, 0, "MISSING" if part.starting("no") else "")
    idle = len(report.parts) - len(busy)
    if idle:
        page.line(f"No service runs in {count(idle, 'other region') if busy else 'any region'} of these accounts")


def worst_first(parts: Iterable[AccountPart]) -> list[AccountPart]:
    """Return parts by the number of task definitions that do not or may not start, then by their roles' excess."""
    return sorted(parts, key=lambda part: (-part.starting("no"), -part.starting("unknown"), -part.excess, part.key))


def _row(part: AccountPart) -> tuple[str, ...]:
    return account_label(part.account, part.name), part.region, *map(str, part.counts)


def _troubles(page: Page, report: FleetReport) -> None:
    troubled = [part for part in report.parts if part.starting("no") or part.lacking("MISSING")]
    if not troubled:
        return
    page.heading("What would not start, and what is missing")
    for part in troubled:
        page.line(f"account {account_label(part.account, part.name)}, {part.region}", 2, style="bold")
        lacking = {need.task for need in part.needs if need.status == "MISSING"}
        for task in part.tasks:
            if task.starts == "no" and task.name not in lacking:
                role = f"role {task.execution_role}" if task.execution_role else "no execution role"
                page.line(f"{task.name}: {role}", 4, mark="no", style="MISSING")
        for need, tasks in missing_by_role(part):
            page.line(f"{need.kind} role {need.role} of {_some(tasks)}", 4, mark="MISSING", style="MISSING")
            for action in need.actions or ("sts:AssumeRole by ECS",):
                page.value(action, 6)
            if need.resources:
                page.line("on", 6)
            for resource in need.resources:
                page.value(resource, 8)
            page.line(need.why, 6)


def missing_by_role(part: AccountPart) -> Iterator[tuple[NeedRow, list[str]]]:
    """Yield missing permissions with the task definitions that need them; the same permission of a role once."""
    tasks: dict[tuple[object, ...], list[str]] = {}
    needs: dict[tuple[object, ...], NeedRow] = {}
    for need in part.needs:
        if need.status == "MISSING":
            key = (need.role, need.kind, need.actions, need.resources)
            needs.setdefault(key, need)
            tasks.setdefault(key, []).append(need.task)
    yield from ((need, tasks[key]) for key, need in needs.items())


def _findings(page: Page, report: FleetReport) -> None:
    by_code: dict[tuple[str, str], list[tuple[AccountPart, Finding]]] = {}
    for part in report.parts:
        for finding in part.findings:
            by_code.setdefault((finding.severity, finding.code), []).append((part, finding))
    if not by_code:
        return
    page.heading("Findings")
    for (severity, code), findings in sorted(by_code.items()):
        accounts = len({part.account for part, _ in findings})
        page.line(f"{code}  {len(findings)} in {count(accounts, 'account')}", 2, mark=severity, style=severity)
        if severity == "error":
            for part, finding in findings:
                page.line(f"account {account_label(part.account, part.name)}, {part.region}", 4)
                page.value(f"{finding.file} {finding.source}".strip(), 6)
                page.line(finding.message, 6)


def _failures(page: Page, report: FleetReport) -> None:
    if report.failures:
        page.heading("Not read, and so unknown")
        for (label, reason, message), regions in failures_by_cause(report).items():
            place = f", {_some(regions)}" if regions else ""
            page.line(f"account {label}{place}", 2, mark=reason, style="unknown")
            page.line(message, 4)
    if report.skipped:
        page.heading("Left out")
        for skipped in report.skipped:
            page.line(f"account {account_label(skipped.account, skipped.name)}: {skipped.because}", 2)


def failures_by_cause(report: FleetReport) -> dict[tuple[str, str, str], list[str]]:
    """Return what was not read: the regions, none for a whole account, by account, reason and message."""
    regions: dict[tuple[str, str, str], list[str]] = {}
    for failure in report.failures:
        key = (account_label(failure.account, failure.name), failure.reason, failure.message)
        regions.setdefault(key, []).extend([failure.region] if failure.region else [])
    return regions


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
