"""Maps event rows to recorded calls: actions, resources, conditions, and the reason for a denial."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

from taskrole.observe.event_actions import EventActions, event_actions
from taskrole.observe.event_resources import condition_value, fitting_arn, resources_of
from taskrole.observe.event_rows import REFUSED_EARLY, EventKey, EventRow, is_denied, is_unauthenticated
from taskrole.observe.recording import CallOutcome, Denial, RecordedCall, RecordedContext, UnmappedEvent
from taskrole.observe.request_members import ConditionRule, condition_rules
from taskrole.observe.resource_forms import Where
from taskrole.observe.row_counter import Period, first_tasks
from taskrole.partitions import partition_of
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.condition_keys import has_condition_key

_MOST_VALUES = 20  # of the map that makes condition keys


class _CallKey(NamedTuple):
    """The common members of equal calls, without counts."""

    role: str
    action: str
    resource: str | None
    outcome: CallOutcome
    event: str
    unknown_because: str
    context: RecordedContext
    denial: Denial | None
    family: str


class _UnmappedKey(NamedTuple):
    """The common members of equal events that map to no action."""

    role: str
    event: str
    because: str


@dataclass(slots=True)
class _Sum:
    """The counts of equal calls."""

    period: Period
    tasks: tuple[str, ...] = ()
    task_count: int = 0

    def add(self, row: EventRow) -> None:
        self.period.add(row.events, row.first, row.last)
        if not self.tasks:
            self.tasks = row.tasks
        elif self.tasks != row.tasks:
            tasks = {*self.tasks, *row.tasks}
            self.tasks, self.task_count = first_tasks(tasks), max(self.task_count, len(tasks))
        self.task_count = max(self.task_count, row.task_count)


class CallMapping:
    """Converts event rows to calls, and merges equal calls.

    Calls merged from several rows have at least `task_count` tasks, since rows keep only some of the ids.
    """

    def __init__(self) -> None:
        self.events = 0
        self._calls: dict[_CallKey, _Sum] = {}
        self._unmapped: dict[_UnmappedKey, _Sum] = {}

    def add(self, row: EventRow) -> None:
        """Add a row."""
        self.events += row.events
        for item in _items(row.key):
            total = self._calls.get(item) if isinstance(item, _CallKey) else self._unmapped.get(item)
            if total is None:
                total = _Sum(Period())
                if isinstance(item, _CallKey):
                    self._calls[item] = total
                else:
                    self._unmapped[item] = total
            total.add(row)

    def calls(self) -> Iterator[RecordedCall]:
        """Yield the calls, and clear them."""
        while self._calls:
            yield _recorded(*self._calls.popitem())

    def unmapped(self) -> Iterator[UnmappedEvent]:
        """Yield the events that map to no action."""
        for event, total in self._unmapped.items():
            period = total.period
            yield UnmappedEvent(event.role, event.event, event.because, period.count, period.first, period.last)


def calls_of_event(key: EventKey) -> tuple[RecordedCall, ...]:
    """Return the uncounted calls of one event."""
    return tuple(_recorded(item, _Sum(Period())) for item in _items(key) if isinstance(item, _CallKey))


def _recorded(call: _CallKey, total: _Sum) -> RecordedCall:
    role, action, resource, outcome, event, unknown_because, context, denial, family = call
    period = total.period
    return RecordedCall(
        role,
        action,
        resource,
        outcome,
        event,
        period.count,
        period.first,
        period.last,
        unknown_because=unknown_because,
        context=context,
        denial=denial,
        family=family,
        tasks=total.tasks,
        task_count=total.task_count,
    )


def sort_key(call: RecordedCall) -> tuple[Any, ...]:
    """Return the sort key of calls: role, action, resource, and all other members."""
    return (
        call.role,
        call.action,
        call.resource or "",
        call.outcome,
        call.event,
        call.family,
        call.basis,
        call.unknown_because,
        call.context,
        repr(call.denial),
    )


def _items(key: EventKey) -> Iterator[_CallKey | _UnmappedKey]:
    """Yield the calls of an event, without counts."""
    event = intern(f"{key.source}:{key.name}")
    denial = _denial(key) if key.code and is_denied(key.code) else None
    named = known_action(denial.action) if denial and denial.action else None
    known = event_actions(key.source, key.name)
    because = f"{REFUSED_EARLY} ({key.code})" if key.code and is_unauthenticated(key.code) else ""
    if because or not (known.actions or named):
        yield _UnmappedKey(key.role, event, because or known.because)
        return
    where, request = _where(key.role, key.region, key.account), dict(key.request)
    for action in (named,) if named else known.actions:
        resources, reason = _denied_resource(denial, action), ""
        if not resources:
            mapped = resources_of(known, action, key.resources, request, where)
            resources, reason = mapped.arns, mapped.because
        context = _context(_context_values(key, request, known, where), action)
        for resource in resources or (None,):
            outcome: CallOutcome = "denied" if denial else "allowed"
            yield _CallKey(key.role, action, resource, outcome, event, reason, context, denial, key.family)


def _denial(key: EventKey) -> Denial:
    from taskrole.observe.denials import parse_denial

    return parse_denial(key.message) or Denial("unknown")


def _denied_resource(denial: Denial | None, action: str) -> tuple[str, ...]:
    """Return the resource in the message of a denied call, if the action can be allowed on it."""
    arn = fitting_arn(action, denial.resource) if denial else ""
    return (arn,) if arn else ()


@lru_cache(maxsize=4_096)
def _where(role_arn: str, region: str, account: str) -> Where:
    partition = partition_of(region)
    role = role_arn.split(":")
    return Where(
        partition.id if partition else role[1] if len(role) > 1 else "aws",
        region,
        account or (role[4] if len(role) > 4 else ""),
    )


def _context(values: Iterator[tuple[str, str]], action: str) -> RecordedContext:
    return tuple(sorted((name, (value,)) for name, value in dict(values).items() if has_condition_key(action, name)))


@lru_cache(maxsize=16_384)
def _condition_rules(service: str, name: str) -> tuple[ConditionRule, ...]:
    """Return the rules for the condition keys of an event."""
    return tuple(rule for rule in condition_rules(service) if not rule.events or name in rule.events)


def _context_values(
    key: EventKey, request: Mapping[str, Any], event: EventActions, where: Where
) -> Iterator[tuple[str, str]]:
    for rule in _condition_rules(event.service, event.name):
        if "${" in rule.key:
            try:
                members = json.loads(request.get(rule.member, "{}"))
            except (ValueError, RecursionError):
                continue
            for member, value in list(members.items())[:_MOST_VALUES] if isinstance(members, dict) else ():
                if isinstance(value, str):
                    yield f"{rule.key.partition('${')[0]}{member}", value
        elif value := condition_value(rule, request, where, event.service):
            yield rule.key, value
    if key.via and event.service == "kms":
        yield "kms:ViaService", f"{key.via.partition('.')[0]}.{where.region}.{'.'.join(key.via.split('.')[1:])}"
