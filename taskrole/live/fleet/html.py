"""A report on several accounts as an HTML page, with filters by account, region and state."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.live.audit_model import Starts
from taskrole.live.audit_page import SEVERITY_CLASSES, audit_page
from taskrole.live.fleet.part import AccountPart, NeedRow, TaskRow
from taskrole.live.fleet.report import FleetReport, RoleOfAccount
from taskrole.live.fleet.text import (
    account_label,
    failures_by_cause,
    fleet_summary,
    missing_by_role,
    title,
    worst_first,
)
from taskrole.output.escape.html import Markup, code, element, prose
from taskrole.output.lines import count
from taskrole.review.render.html.filters import Choices, filters
from taskrole.review.render.html.parts import cell, chip, codes, section, table

_CHIPS: dict[Starts, str] = {"yes": "good", "no": "bad", "unknown": "warn"}
_WORST_FIRST: tuple[Starts, ...] = ("no", "unknown", "yes")
_TASKS = ("Starts", "Account", "Region", "Task definition", "Services", "Execution role", "Task role")
_ACCOUNTS = ("Account", "Region", "Services", "Task definitions", "Would not start", "Unknown", "Missing", "Excess")
_ROLES = ("Account", "Role", "Regions", "Used as", "Allows", "Excess", "Task definitions")


def fleet_html(report: FleetReport) -> str:
    """Return a report as an HTML page."""
    heading = f"Roles of {count(len(report.accounts), 'account')}"
    return audit_page(
        heading,
        _header(report, heading),
        _not_read(report),
        _accounts(report),
        _tasks(report),
        _missing(report),
        _roles(report),
        _findings(report),
    )


def _header(report: FleetReport, heading: str) -> Markup:
    is_bad = bool(report.starting("no"))
    chips = [chip("Tasks stop" if is_bad else "Tasks start", "bad" if is_bad else "good")]
    if report.failures:
        chips.append(chip("Not all read", "warn"))
    verdict = element("p", *(part for mark in chips for part in (mark, " ")))
    return element(
        "header",
        element("h1", heading),
        verdict,
        element("p", element("strong", fleet_summary(report))),
        element("p", title(report)),
    )


def _not_read(report: FleetReport) -> Markup | None:
    failed = [
        element(
            "article",
            element("h3", chip(reason, "warn"), " ", code(label), *(("; ", codes(regions)) if regions else ())),
            element("p", prose(message)),
            class_="warn",
        )
        for (label, reason, message), regions in failures_by_cause(report).items()
    ]
    left_out = [
        element("li", code(account_label(skipped.account, skipped.name)), f": {skipped.because}")
        for skipped in report.skipped
    ]
    listed = (
        [element("article", element("h3", "Left out"), element("ul", *left_out), class_="info")] if left_out else []
    )
    return section("not-read", "Not read, and so unknown", *failed, *listed) if failed or listed else None


def _tasks(report: FleetReport) -> Markup:
    accounts = [(entry.account, account_label(entry.account, entry.name)) for entry in report.accounts]
    choices: Choices = {
        "account": ("Account", accounts),
        "region": ("Region", [(region, region) for region in report.regions]),
        "starts": ("Starts", [(starts, starts) for starts in _CHIPS]),
    }
    bar, no_match = filters("task-table", "task definitions", report.tasks, choices)
    tasks = [(part, task) for part in report.parts for task in part.tasks]
    rows = (_task(part, task) for part, task in sorted(tasks, key=lambda pair: _WORST_FIRST.index(pair[1].starts)))
    return section("tasks", "Task definitions", bar, table(_TASKS, rows, class_="cards", id="task-table"), no_match)


def _task(part: AccountPart, task: TaskRow) -> Markup:
    return element(
        "tr",
        cell(_TASKS[0], chip(task.starts, _CHIPS[task.starts])),
        cell(_TASKS[1], code(account_label(part.account, part.name))),
        cell(_TASKS[2], code(part.region)),
        cell(_TASKS[3], code(task.name)),
        cell(_TASKS[4], codes(task.services)),
        cell(_TASKS[5], _role_name(task.execution_role)),
        cell(_TASKS[6], _role_name(task.task_role)),
        role="row",
        data_starts=task.starts,
        data_account=part.account,
        data_region=part.region,
    )


def _role_name(name: str) -> Markup:
    return code(name) if name else element("span", "none", class_="faint")


def _accounts(report: FleetReport) -> Markup:
    return section("accounts", "Accounts", table(_ACCOUNTS, map(_account, worst_first(report.parts)), class_="cards"))


def _account(part: AccountPart) -> Markup:
    return element(
        "tr",
        cell(_ACCOUNTS[0], code(account_label(part.account, part.name))),
        cell(_ACCOUNTS[1], code(part.region)),
        *(cell(heading, f"{number:,}") for heading, number in zip(_ACCOUNTS[2:], part.counts, strict=True)),
        role="row",
    )


def _missing(report: FleetReport) -> Markup | None:
    articles = [_lacks(part, need, tasks) for part in report.parts for need, tasks in missing_by_role(part)]
    return section("missing", "What is missing", *articles) if articles else None


def _lacks(part: AccountPart, need: NeedRow, tasks: list[str]) -> Markup:
    role = code(need.role) if need.role else "none"
    heading = element("h3", code(account_label(part.account, part.name)), f", {part.region}: {need.kind} role ", role)
    where = ("on ", codes(need.resources)) if need.resources else ("by ECS",)
    what = (part for action in need.actions or ("sts:AssumeRole",) for part in (code(action), " "))
    return element(
        "article",
        heading,
        element("p", chip("missing", "bad"), " ", *what, *where),
        element("p", prose(need.why)),
        element("p", "Needed by ", codes(tasks), class_="faint"),
        class_="bad",
    )


def _roles(report: FleetReport) -> Markup:
    rows = sorted(report.roles, key=lambda role: (-len(role.excess), role.account, role.role))
    return section("roles", "Roles", table(_ROLES, map(_role, rows), class_="cards"))


def _role(role: RoleOfAccount) -> Markup:
    most = "" if role.is_complete else "up to "
    return element(
        "tr",
        cell(_ROLES[0], code(account_label(role.account, role.name))),
        cell(_ROLES[1], code(role.role)),
        cell(_ROLES[2], codes(role.regions)),
        cell(_ROLES[3], " and ".join(role.kinds)),
        cell(_ROLES[4], "not read" if role.allowed is None else f"{role.allowed:,}"),
        cell(_ROLES[5], "not read" if role.allowed is None else f"{most}{len(role.excess):,}"),
        cell(_ROLES[6], codes(role.tasks)),
        role="row",
    )


def _findings(report: FleetReport) -> Markup | None:
    articles = list(_finding_articles(report))
    return section("findings", "Findings", *articles) if articles else None


def _finding_articles(report: FleetReport) -> Iterator[Markup]:
    for part in report.parts:
        for finding in part.findings:
            kind = SEVERITY_CLASSES[finding.severity]
            heading = element(
                "h3",
                chip(finding.severity, kind),
                " ",
                element("span", finding.code, class_="rule"),
                f" account {account_label(part.account, part.name)}, {part.region}",
            )
            place = code(" ".join(name for name in (finding.file, finding.source) if name))
            yield element(
                "article", heading, element("p", place, " ", prose(finding.message)), class_=f"finding {kind}"
            )
