"""Formats a check as text: a tree of task definitions, their roles and needs, followed by the excess.

Lines are not wrapped, so the output does not depend on the width of the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import click

from taskrole.check.items import without_encryption_context
from taskrole.check.report import STATUSES, CheckedItem, CheckReport, Excesses, RoleOfTask, Status
from taskrole.errors import printable
from taskrole.finding import at_least
from taskrole.grant import RoleKind, condition_words
from taskrole.output.findings import finding_lines
from taskrole.output.lines import count, required_line
from taskrole.policy.evaluation.excess import Excess
from taskrole.taskdef.features.roles import ROLE_FIELDS

_COLOURS: dict[Status, str] = {"OK": "green", "MISSING": "red", "unknown": "yellow"}
_WIDTH = max(map(len, STATUSES))
_INDENT = " " * (4 + _WIDTH + 2)
_MOST_EXAMPLES = 3
# With more task definitions, those with nothing missing or unknown get one line each.
_MOST_IN_FULL = 10
_WORST_FIRST: tuple[Status, ...] = ("MISSING", "unknown", "OK")


# How to name a missing role, by default.
_FIELDS: Mapping[RoleKind, str] = MappingProxyType({kind: f"in {field}" for kind, field in ROLE_FIELDS.items()})


def report_lines(report: CheckReport, ways: Mapping[RoleKind, str] = _FIELDS, *, quiet: bool = False) -> Iterator[str]:
    """Yield the lines of a check, worst first, each status in colour.

    `ways` is how to name a missing role, such as `with --role`. Default: in the task definition. With more than ten
    task definitions, those with nothing missing or unknown get one line each. `quiet` leaves out the summary.
    """
    by_file: dict[str, list[RoleOfTask]] = {}
    for role in report.roles:
        by_file.setdefault(role.file, []).append(role)
    is_brief = len(by_file) > _MOST_IN_FULL
    for roles in sorted(by_file.values(), key=_badness):
        yield from _task_lines(roles, ways, is_brief=is_brief)
    for excesses in report.excesses:
        yield from _excess_lines(excesses)
    for required in report.derivation.required_elsewhere:
        yield f"required elsewhere: {required_line(required)}; taskrole derive prints the statement"
    for line in finding_lines(report.unseen):
        yield f"unknown: {line.removeprefix('warning: ')}"
    unseen = frozenset(report.unseen)
    findings = at_least(report.derivation.findings, "warning")
    yield from finding_lines([finding for finding in findings if finding not in unseen])
    if report.replays:
        from taskrole.check.replay_text import evidence_lines, replay_lines

        for replay in report.replays:
            yield from replay_lines(replay)
        if report.evidence:
            yield from evidence_lines(report.evidence)
    is_of_calls_alone = bool(report.replays) and not report.roles
    if not (quiet or is_of_calls_alone):
        yield summary_line(report)


def _badness(roles: Sequence[RoleOfTask]) -> tuple[int, ...]:
    """Return the sort key of a task definition: minus the number of needs with each status, worst first."""
    return (*(-sum(role.count(status) for role in roles) for status in _WORST_FIRST[:-1]),)


def _task_lines(roles: Sequence[RoleOfTask], ways: Mapping[RoleKind, str], *, is_brief: bool) -> Iterator[str]:
    file, family = roles[0].file, roles[0].family
    title = printable(f"{file}{f': family {family}' if family else ''}")
    if is_brief and all(role.subject and role.count("OK") == len(role.items) for role in roles):
        yield f"{title}: {sum(role.count('OK') for role in roles)} OK"
        return
    yield title
    for role in roles:
        yield from _role_lines(role, ways)


def _role_lines(role: RoleOfTask, ways: Mapping[RoleKind, str]) -> Iterator[str]:
    if role.subject:
        name = printable(role.subject.name)
    else:
        name = f"not given; name it {ways[role.kind]}" if role.is_named else "none is named"
    yield f"  {role.kind} role: {name}"
    for item in sorted(role.items, key=lambda item: _WORST_FIRST.index(item.status)):
        yield from _item_lines(item)
    if not role.needs:
        yield f"    {'':<{_WIDTH}}  not needed by the task definition"


def _item_lines(item: CheckedItem) -> Iterator[str]:
    status = click.style(f"{item.status:<{_WIDTH}}", fg=_COLOURS[item.status], bold=item.status != "OK")
    yield f"    {status}  {_need(item)}"
    yield from (f"{_INDENT}  {printable(resource)}" for resource in item.resources)
    if item.status == "OK":
        return
    yield f"{_INDENT}because {printable(item.why)}"
    if item.sources:
        more = f" and {count(len(item.sources) - 1, 'more field')}" if len(item.sources) > 1 else ""
        yield printable(f"{_INDENT}field   {item.sources[0]}{more}: {item.because}")
    if item.failure and item.status == "MISSING":
        note = f" ({item.failure.note})" if item.failure.note else ""
        yield printable(f"{_INDENT}seen    {item.failure.where}: {item.failure.words}{note}")
        yield f"{_INDENT}page    {item.failure.page}"


def _need(item: CheckedItem) -> str:
    if not item.actions:
        return "ecs-tasks.amazonaws.com can assume it  [TRUST]"
    keys = without_encryption_context(item.conditions)
    with_ = f", with {' and '.join(map(condition_words, keys))}" if keys else ""
    one_of = ", on one of these" if len(item.resources) > 1 else ""
    return printable(f"{', '.join(item.actions)}{with_}{one_of}  [{item.rule}]")


def _excess_lines(excesses: Excesses) -> Iterator[str]:
    name = printable(excesses.subject.name)
    if excesses.errors:
        yield f"EXCESS in {name}: not counted, since not all its needs are known ({count(excesses.errors, 'error')})"
    elif excesses.misplaced and not excesses.count:
        yield f"no EXCESS in {name} except what the other role lacks: {', '.join(excesses.misplaced)}"
    elif not excesses.count:
        yield f"no EXCESS in {name}: it allows {count(excesses.allowed, 'action')}, all needed"
    else:
        allowed = count(excesses.allowed, "action")
        yield f"EXCESS in {name}: {excesses.count} of {allowed}, not needed by these tasks, or not on all resources"
        if not excesses.is_complete:
            yield "  the calls of the application are unknown; they may need some of these"
    for level, of_level in excesses.report.by_level.items():
        yield f"  {level}: {len(of_level)}"
        yield from (f"    {_example(excess)}" for excess in of_level[:_MOST_EXAMPLES])
        if len(of_level) > _MOST_EXAMPLES:
            yield f"    and {len(of_level) - _MOST_EXAMPLES} more"
    if excesses.report.unknown:
        yield printable(f"  unknown actions: {', '.join(excesses.report.unknown)}")
    for problem in excesses.not_counted:
        yield printable(f"  unknown: {problem} (not counted)")


def _example(excess: Excess) -> str:
    return printable(f"{excess.action}: {excess.because}")


def summary_line(report: CheckReport) -> str:
    """Return the summary: the number of needs with each status, and of task definitions that would fail to start."""
    needs = [f"{report.count(status)} {status}" for status in STATUSES if report.count(status)]
    if report.errors:
        needs.append(count(len(report.errors), "error"))
    files = {role.file for role in report.roles} | report.doubtful
    would = f"{len(report.failing)} of {count(len(files), 'task definition')} would fail to start"
    may = f", {len(report.doubtful)} may" if report.doubtful else ""
    excess = sum(excesses.count for excesses in report.excesses)
    return f"{', '.join(needs) or '0 OK'}: {would}{may}; {excess} EXCESS"
