"""Reports a check as findings: missing and unknown needs, excess, and recorded calls that would be denied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from taskrole.check.report import CheckedItem, CheckReport, Excesses, RoleOfTask
from taskrole.check.rules import CALL_DENIED, CALL_UNKNOWN, ROLE_EXCESS
from taskrole.finding import Finding
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count
from taskrole.rule import Rule

if TYPE_CHECKING:
    from taskrole.check.replay import Replay, ReplayedCall

_TRUST = "ecs-tasks.amazonaws.com"


def check_findings(report: CheckReport) -> FindingReport:
    """Return a check as findings: an error for each missing permission, a warning for each unknown one."""
    suites = (*_tasks(report), *_definitions(report), *map(_excess, report.excesses), *map(_replay, report.replays))
    return FindingReport("check", _summary(report), tuple(suites))


def _summary(report: CheckReport) -> tuple[str, ...]:
    needs = f"{report.count('OK'):,} OK, {report.count('MISSING'):,} missing, {report.count('unknown'):,} unknown"
    calls = sum(replay.total for replay in report.replays)
    replayed = (
        f"{count(calls, 'recorded call')}: {report.denied_calls:,} denied, {report.unknown_calls:,} unknown."
        if report.replays
        else ""
    )
    return tuple(filter(None, (f"Needs: {needs}." if report.roles else "", replayed)))


def _tasks(report: CheckReport) -> Iterator[Suite]:
    for role in report.roles:
        passed = [_need(item) for item in role.items if item.status == "OK"]
        findings = [_item_finding(role, item) for item in role.items if item.status != "OK"]
        yield Suite(f"{role.file}: {role.kind} role", tuple(passed), tuple(findings))


def _item_finding(role: RoleOfTask, item: CheckedItem) -> Finding:
    name = role.subject.name if role.subject else ""
    is_missing = item.status == "MISSING"
    says = "does not allow" if is_missing else "may not allow"
    what = " ".join(filter(None, (f"{role.kind} role", name, f"{says} {_need(item)}, because {item.why}")))
    if is_missing and item.failure:
        what = f"{what}; {item.failure.where}: {item.failure.words}"
    return Finding(
        item.rule,
        "error" if is_missing else "warning",
        item.sources[0] if item.sources else role.kind,
        what,
        file=role.file,
        fix=_fix(role, item) if is_missing else "",
        actions=item.actions,
        resources=item.resources,
        key=(role.kind, name, *item.actions, "", *item.resources),
    )


def _fix(role: RoleOfTask, item: CheckedItem) -> str:
    if not item.actions:
        return f"let {_TRUST} assume the role"
    return f"allow {_need(item)} in a policy of the {role.kind} role"


def _need(item: CheckedItem) -> str:
    if not item.actions:
        return f"sts:AssumeRole to {_TRUST}"
    return f"{', '.join(item.actions)} on {' or '.join(item.resources)}"


def _definitions(report: CheckReport) -> Iterator[Suite]:
    """Yield the findings on the task definitions, by file."""
    only = report.roles[0].file if len({role.file for role in report.roles}) == 1 else ""
    by_file: dict[str, list[Finding]] = {}
    for finding in report.derivation.findings:
        located = finding if finding.file else replace(finding, file=only)
        by_file.setdefault(located.file, []).append(located)
    for file, findings in by_file.items():
        yield Suite(f"{file}: task definition" if file else "task definitions", (), tuple(findings))


def _excess(excesses: Excesses) -> Suite:
    """Return the excess of a role as one finding, regardless of the number of actions."""
    name = f"excess of {excesses.subject.name}"
    if excesses.errors or not excesses.count:
        return Suite(name, () if excesses.errors else (f"{excesses.subject.name} has no excess",))
    actions = sorted({excess.action for excess in excesses.report.excess})
    finding = excess_finding(excesses.subject.name, excesses.allowed, actions)
    if not excesses.is_complete:
        finding = replace(finding, message=f"{finding.message}; the calls of the application are unknown")
    return Suite(name, (), (finding,))


def excess_finding(role: str, allowed: int, actions: Sequence[str], place: str = "") -> Finding:
    """Return the finding that a role allows a number of actions, and that no task needs some of them.

    `place` is the account and region of the role, if there are several.
    """
    return ROLE_EXCESS.finding(
        f"{place} role {role}".lstrip(),
        f"role {role} allows {count(allowed, 'action')}; the task definitions do not need {len(actions):,} of them, or"
        " not on all resources",
        fix=ROLE_EXCESS.fix,
        actions=actions,
        key=(),
    )


def _replay(replay: Replay) -> Suite:
    name = replay.role or replay.subject.role.name
    allowed = sum(replayed.call.count for replayed in replay.of("allowed"))
    findings = [
        *(_call(CALL_DENIED, replay, replayed) for replayed in replay.of("denied")),
        *(_call(CALL_UNKNOWN, replay, replayed) for replayed in replay.of("unknown")),
        *(
            CALL_UNKNOWN.finding(
                f"role {name}",
                f"{event.event}, recorded {count(event.count, 'time')}, maps to no IAM action: {event.because}",
            )
            for event in replay.unmapped
        ),
    ]
    passed = (f"{count(allowed, 'recorded call')} allowed",) if allowed else ()
    return Suite(f"recorded calls of {name}", passed, tuple(findings))


def _call(rule: Rule, replay: Replay, replayed: ReplayedCall) -> Finding:
    call = replayed.call
    on = f" on {call.resource}" if call.resource else ""
    denied = rule is CALL_DENIED
    return rule.finding(
        f"role {replay.subject.role.name}",
        f"{call.action}{on}, recorded {count(call.count, 'time')}, {'is denied' if denied else 'may be denied'},"
        f" because {replayed.coverage.reason}",
        fix=f"allow {call.action}{on}" if denied else "",
        actions=(call.action,),
        resources=(call.resource,) if call.resource else (),
    )
