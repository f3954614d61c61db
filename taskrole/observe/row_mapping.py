"""From event rows to recorded calls: actions, resources, conditions, and why a call was denied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from taskrole.observe.event_actions import event_actions
from taskrole.observe.event_resources import condition_value, fits, resources_of
from taskrole.observe.event_rows import REFUSED_EARLY, EventKey, EventRow, is_denied, is_unauthenticated
from taskrole.observe.recording import ContextKeys, Denial, RecordedCall, UnmappedEvent
from taskrole.observe.request_members import condition_rules
from taskrole.observe.resource_forms import Where, literal_arn
from taskrole.observe.row_counter import Period, first_tasks
from taskrole.partitions import partition_of
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.condition_keys import has_condition_key

_MOST_VALUES = 20  # of the map that makes condition keys


@dataclass(slots=True)
class _Sum:
    """What is counted of equal calls."""

    period: Period
    tasks: tuple[str, ...] = ()
    task_count: int = 0

    def add(self, row: EventRow) -> None:
        self.period.add(row.events, row.first, row.last)
        if self.tasks != row.tasks:
            tasks = {*self.tasks, *row.tasks}
            self.tasks, self.task_count = first_tasks(tasks), max(self.task_count, len(tasks))
        self.task_count = max(self.task_count, row.task_count)


class CallMapping:
    """Takes event rows one by one, and gives the calls that they are, equal ones merged.

    Calls that several rows lead to are by at least as many tasks as `task_count` says: rows keep some of the ids only.
    """

    def __init__(self) -> None:
        self.events = 0
        self._calls: dict[RecordedCall, _Sum] = {}
        self._unmapped: dict[UnmappedEvent, _Sum] = {}

    def add(self, row: EventRow) -> None:
        """Take a row."""
        self.events += row.events
        for item in _items(row.key):
            if isinstance(item, RecordedCall):
                self._calls.setdefault(item, _Sum(Period())).add(row)
            else:
                self._unmapped.setdefault(item, _Sum(Period())).add(row)

    def calls(self) -> Iterator[RecordedCall]:
        """Yield the calls, and forget them."""
        while self._calls:
            call, total = self._calls.popitem()
            period = total.period
            yield RecordedCall(
                call.role,
                call.action,
                call.resource,
                call.outcome,
                call.event,
                period.count,
                period.first,
                period.last,
                unknown_because=call.unknown_because,
                context=call.context,
                denial=call.denial,
                family=call.family,
                tasks=total.tasks,
                task_count=total.task_count,
            )

    def unmapped(self) -> Iterator[UnmappedEvent]:
        """Yield the events that map to no action."""
        for event, total in self._unmapped.items():
            period = total.period
            yield UnmappedEvent(event.role, event.event, event.because, period.count, period.first, period.last)


def calls_of(key: EventKey) -> tuple[RecordedCall, ...]:
    """Return the calls of one event, which are not counted."""
    return tuple(item for item in _items(key) if isinstance(item, RecordedCall))


def sort_key(call: RecordedCall) -> tuple[Any, ...]:
    """Return what calls are sorted by: role, action, resource, and then all that tells equal ones apart."""
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


def _items(key: EventKey) -> Iterator[RecordedCall | UnmappedEvent]:
    """Yield what an event leads to, with no counts yet."""
    event = f"{key.source}:{key.name}"
    denial = _denial(key) if is_denied(key.code) else None
    named = known_action(denial.action) if denial and denial.action else None
    known = event_actions(key.source, key.name)
    because = f"{REFUSED_EARLY} ({key.code})" if is_unauthenticated(key.code) else ""
    if because or not (known.actions or named):
        yield UnmappedEvent(key.role, event, because or known.because, 0, "", "")
        return
    where, request = _where(key.role, key.region, key.account), dict(key.request)
    for action in (named,) if named else known.actions:
        resources, reason = _denied_resource(denial, action), ""
        if not resources:
            found = resources_of(known, action, key.resources, request, where)
            resources, reason = found.arns, found.because
        context = _context(key, known.service, known.name, action, where)
        for resource in resources or (None,):
            yield RecordedCall(
                key.role,
                action,
                resource,
                "denied" if denial else "allowed",
                event,
                0,
                "",
                "",
                unknown_because=reason,
                context=context,
                denial=denial,
                family=key.family,
            )


def _denial(key: EventKey) -> Denial:
    from taskrole.observe.denials import parse_denial

    return parse_denial(key.message) or Denial("unknown")


def _denied_resource(denial: Denial | None, action: str) -> tuple[str, ...]:
    """Return the resource that the message of a denied call names, where the action can be allowed on it."""
    return (literal_arn(denial.resource),) if denial and fits(action, denial.resource) else ()


@lru_cache(maxsize=4_096)
def _where(role_arn: str, region: str, account: str) -> Where:
    partition = partition_of(region)
    role = role_arn.split(":")
    return Where(
        partition.id if partition else role[1] if len(role) > 1 else "aws",
        region,
        account or (role[4] if len(role) > 4 else ""),
    )


def _context(key: EventKey, service: str, name: str, action: str, where: Where) -> ContextKeys:
    values = dict(_context_values(key, service, name, where))
    return tuple(sorted((name, (value,)) for name, value in values.items() if has_condition_key(action, name)))


def _context_values(key: EventKey, service: str, name: str, where: Where) -> Iterator[tuple[str, str]]:
    import json

    request: dict[str, Any] = dict(key.request)
    for rule in condition_rules(service):
        if rule.events and name not in rule.events:
            continue
        if "${" in rule.key:
            try:
                members = json.loads(request.get(rule.member, "{}"))
            except (ValueError, RecursionError):
                continue
            for member, value in list(members.items())[:_MOST_VALUES] if isinstance(members, dict) else ():
                if isinstance(value, str):
                    yield f"{rule.key.partition('${')[0]}{member}", value
        elif value := condition_value(rule, request, where, service):
            yield rule.key, value
    if key.via and service == "kms":
        yield "kms:ViaService", f"{key.via.partition('.')[0]}.{where.region}.{'.'.join(key.via.split('.')[1:])}"
