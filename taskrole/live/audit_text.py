"""An audit as text: a table of task definitions, what stops them, the roles, and replacements of their policies.

Nothing depends on the width of the terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from taskrole.check.text import report_lines
from taskrole.errors import printable
from taskrole.live.audit import GONE
from taskrole.live.audit_model import Audit, RoleAudit, Starts, TaskAudit
from taskrole.output.lines import count, finding_line

_COLOURS: dict[Starts, str] = {"yes": "green", "no": "red", "unknown": "yellow"}
_MOST_SERVICES = 2


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield the lines of an audit."""
    context = audit.context
    yield f"account {context.account}, {context.region}: {_counts(audit)}"
    if not audit.tasks:
        yield "no services in this account and region"
        return
    yield ""
    yield from _task_table(audit)
    yield from _troubles(audit)
    yield ""
    yield from _role_table(audit)
    for role in audit.roles:
        yield from _replacement_lines(role)
    if audit.findings:
        yield ""
        yield from map(finding_line, audit.findings)
    yield ""
    yield audit_summary(audit)


def audit_summary(audit: Audit) -> str:
    """Return the audit in one line."""
    missing, unknown = audit.report.count("MISSING"), audit.count("unknown")
    open_ = f", {unknown} unknown" if unknown else ""
    total = count(len(audit.tasks), "task definition")
    return (
        f"{audit.count('no')} of {total} would not start{open_}: {missing} MISSING; "
        f"{audit.excess} EXCESS in execution roles"
    )


def _counts(audit: Audit) -> str:
    account = audit.account
    parts = (
        (len(account.clusters), "cluster"),
        (len(account.services), "service"),
        (len(audit.tasks), "task definition"),
        (len(audit.roles), "role"),
    )
    return ", ".join(count(number, noun) for number, noun in parts)


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, each column as wide as its widest cell, except the last."""
    cells_by_row = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[index]) for row in (headings, *cells_by_row)) for index in range(len(headings) - 1)]
    for row in (headings, *cells_by_row):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
        yield "  ".join((*cells, row[-1])).rstrip()


def _task_table(audit: Audit) -> Iterator[str]:
    rows = [
        (task.starts, task.name, *(_role_name(task, kind) for kind in ("execution", "task")), _services(task))
        for task in audit.tasks
    ]
    lines = text_table(("STARTS", "TASK DEFINITION", "EXECUTION ROLE", "TASK ROLE", "SERVICES"), rows)
    yield next(lines)
    for line, task in zip(lines, audit.tasks, strict=True):
        yield click.style(task.starts, fg=_COLOURS[task.starts]) + line[len(task.starts) :]


def _role_name(task: TaskAudit, kind: str) -> str:
    role = next((candidate for candidate in task.roles if candidate.kind == kind), None)
    if role is None or role.subject is None:
        return "none, but it needs one" if role and role.needs else "none"
    missing, unknown = role.count("MISSING"), role.count("unknown")
    notes = [f"{number} {word}" for number, word in ((missing, "MISSING"), (unknown, "unknown")) if number]
    return f"{role.subject.name} ({', '.join(notes)})" if notes else role.subject.name


def _services(task: TaskAudit) -> str:
    more = len(task.services) - _MOST_SERVICES
    return ", ".join(task.services[:_MOST_SERVICES]) + (f" and {more} more" if more > 0 else "")


def _troubles(audit: Audit) -> Iterator[str]:
    """Yield the output of `taskrole check` on roles with missing or unknown permissions, and on task definitions.

    A role that does not exist is left out, as it has a finding.
    """
    roles = tuple(
        role
        for role in audit.report.roles
        if role.subject
        and GONE not in role.subject.unknown_policies
        and (role.count("MISSING") or role.count("unknown"))
    )
    lines = list(report_lines(replace(audit.report, roles=roles, excesses=())))[:-1]
    if lines:
        yield ""
        yield from lines


def _role_table(audit: Audit) -> Iterator[str]:
    rows = [(role.name, " and ".join(role.kinds), *_numbers(role), str(len(role.tasks))) for role in audit.roles]
    yield from text_table(("ROLE", "USED AS", "ALLOWS", "EXCESS", "BY LEVEL", "TASK DEFINITIONS"), rows)


def _numbers(role: RoleAudit) -> tuple[str, str, str]:
    if role.excess is None:
        return "?", "?", "not read"
    levels = ", ".join(f"{level} {number}" for level, number in role.excess.report.counts.items())
    # What an application calls is unknown, so the excess of a task role is an upper bound.
    most = "" if role.excess.is_complete else "up to "
    return str(role.excess.allowed), f"{most}{role.excess.count}", levels or "none"


def _replacement_lines(role: RoleAudit) -> Iterator[str]:
    if "execution" not in role.kinds:
        return
    if role.open:
        yield ""
        yield printable(f"role {role.name}: what its tasks need is not completely known: {role.open}")
        return
    if not role.replacements:
        return
    yield ""
    yield printable(f"role {role.name}: replacements of its managed policies")
    for replacement in role.replacements:
        what = f"statements {', '.join(replacement.sids)}" if replacement.sids else "nothing, as no task needs it"
        yield printable(f"  {replacement.policy} ({count(replacement.allowed, 'action')}): {what}")
    if role.exact:
        yield from (f"  {line}" for line in json.dumps(role.exact, indent=2).splitlines())
