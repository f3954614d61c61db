"""An audit as an HTML page in the style of the review's, without external resources, and with all text escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator

from taskrole.check import RoleOfTask
from taskrole.finding import Finding
from taskrole.live.audit_model import Audit, RoleAudit, Starts, TaskAudit
from taskrole.live.audit_page import SEVERITY_CLASSES, audit_page
from taskrole.live.audit_text import audit_summary
from taskrole.output.escape.html import Markup, code, element, join, prose
from taskrole.review.render.html.filters import Choices, filters
from taskrole.review.render.html.parts import cell, chip, codes, section, table

_CHIPS: dict[Starts, str] = {"yes": "good", "no": "bad", "unknown": "warn"}
_TASKS = ("Starts", "Task definition", "Services", "Execution role", "Task role")
_ROLES = ("Role", "Used as", "Allows", "Excess", "By access level", "Task definitions")


def audit_html(audit: Audit) -> str:
    """Return an audit as an HTML page."""
    context = audit.context
    title = f"Roles of account {context.account}, {context.region}"
    parts = (_tasks(audit), _missing(audit), _roles(audit), _replacements(audit), _findings(audit))
    return audit_page(title, _header(audit, title), *parts)


def _header(audit: Audit, title: str) -> Markup:
    is_bad = bool(audit.count("no"))
    verdict = element("p", chip("Tasks stop" if is_bad else "Tasks start", "bad" if is_bad else "good"), " ", "")
    numbers = (
        f"{len(audit.account.services):,} services",
        f"{len(audit.tasks):,} task definitions",
        f"{len(audit.roles):,} roles",
        f"{audit.excess:,} unused actions in execution roles",
    )
    counts = element("ul", *(element("li", text) for text in numbers), class_="counts")
    return element(
        "header", element("h1", title), verdict, element("p", element("strong", audit_summary(audit))), counts
    )


def _tasks(audit: Audit) -> Markup:
    roles = sorted({name for task in audit.tasks for name in _role_names(task)})
    choices: Choices = {
        "starts": ("Starts", [(starts, starts) for starts in _CHIPS]),
        "role": ("Execution role", [(name, name) for name in roles]),
    }
    bar, no_match = filters("task-table", "task definitions", len(audit.tasks), choices)
    rows = table(_TASKS, map(_task, audit.tasks), class_="cards", id="task-table")
    return section("tasks", "Task definitions", bar, rows, no_match)


def _role_names(task: TaskAudit) -> Iterator[str]:
    """Yield the name of a task definition's execution role, if it has one."""
    yield from (role.subject.name for role in task.roles if role.kind == "execution" and role.subject)


def _task(task: TaskAudit) -> Markup:
    by_kind = {role.kind: role for role in task.roles}
    return element(
        "tr",
        cell(_TASKS[0], chip(task.starts, _CHIPS[task.starts])),
        cell(_TASKS[1], code(task.name)),
        cell(_TASKS[2], codes(task.services)),
        cell(_TASKS[3], _role_cell(by_kind.get("execution"))),
        cell(_TASKS[4], _role_cell(by_kind.get("task"))),
        role="row",
        data_starts=task.starts,
        data_role=next(_role_names(task), ""),
    )


def _role_cell(role: RoleOfTask | None) -> Markup:
    if role is None or role.subject is None:
        return element("span", "none, but it needs one" if role and role.needs else "none", class_="faint")
    missing, unknown = role.count("MISSING"), role.count("unknown")
    marks = [
        chip(f"{number} {word}", kind)
        for number, word, kind in ((missing, "missing", "bad"), (unknown, "unknown", "warn"))
        if number
    ]
    return join((code(role.subject.name), *(part for mark in marks for part in (" ", mark))))


def _missing(audit: Audit) -> Markup | None:
    articles = [
        _trouble(role)
        for role in audit.report.roles
        if role.subject and (role.count("MISSING") or role.count("unknown"))
    ]
    return section("missing", "What is missing", *articles) if articles else None


def _trouble(role: RoleOfTask) -> Markup:
    lines = []
    for item in role.items:
        if item.status == "OK":
            continue
        what = item.actions or ("sts:AssumeRole",)
        is_seen = item.failure is not None and item.status == "MISSING"
        seen = [element("p", "Seen: ", prose(item.failure.words))] if item.failure and is_seen else []
        lines.append(
            element(
                "li",
                chip(item.status.lower(), "bad" if item.status == "MISSING" else "warn"),
                " ",
                *(part for action in what for part in (code(action), " ")),
                *(("on ", codes(item.resources)) if item.resources else ("by ECS",)),
                element("p", prose(item.why)),
                *seen,
                element("p", "Field: ", code(item.sources[0]), class_="faint") if item.sources else "",
            )
        )
    heading = element("h3", code(role.file), f" {role.kind} role ", code(role.subject.name if role.subject else ""))
    return element(
        "article", heading, element("ul", *lines, class_="open"), class_="bad" if role.count("MISSING") else "warn"
    )


def _roles(audit: Audit) -> Markup:
    return section("roles", "Roles", table(_ROLES, map(_role, audit.roles), class_="cards"))


def _role(role: RoleAudit) -> Markup:
    excess = role.excess
    most = "up to " if excess and not excess.is_complete else ""
    levels = [f"{level} {number:,}" for level, number in excess.report.counts.items()] if excess else []
    return element(
        "tr",
        cell(_ROLES[0], code(role.name)),
        cell(_ROLES[1], " and ".join(role.kinds)),
        cell(_ROLES[2], f"{excess.allowed:,}" if excess else "not read"),
        cell(_ROLES[3], f"{most}{excess.count:,}" if excess else "not read"),
        cell(_ROLES[4], ", ".join(levels) or "none"),
        cell(_ROLES[5], codes(role.tasks)),
        role="row",
    )


def _replacements(audit: Audit) -> Markup | None:
    articles = [_replacement(role) for role in audit.roles if role.replacements]
    heading = "Replacements of managed policies"
    return section("replacements", heading, *articles) if articles else None


def _replacement(role: RoleAudit) -> Markup:
    lines = [
        element(
            "li",
            code(replacement.policy),
            f", {replacement.allowed:,} actions: ",
            *([codes(replacement.sids)] if replacement.sids else ["nothing, as no task needs it"]),
        )
        for replacement in role.replacements
    ]
    document = element("pre", json.dumps(role.exact, indent=2, ensure_ascii=False)) if role.exact else ""
    return element("article", element("h3", code(role.name)), element("ul", *lines), document, class_="info")


def _findings(audit: Audit) -> Markup | None:
    articles = [_finding(finding) for finding in audit.findings]
    return section("findings", "Findings", *articles) if articles else None


def _finding(finding: Finding) -> Markup:
    kind = SEVERITY_CLASSES[finding.severity]
    heading = element("h3", chip(finding.severity, kind), " ", element("span", finding.code, class_="rule"))
    return element(
        "article", heading, element("p", code(finding.source), " ", prose(finding.message)), class_=f"finding {kind}"
    )
