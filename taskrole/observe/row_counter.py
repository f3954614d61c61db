"""Counts equal events while reading, in Python, like the queries do in SQL."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.observe.event_actions import service_of
from taskrole.observe.event_rows import EventKey, EventRow, event_key, role_of_identity, task_of, text_of
from taskrole.observe.recording import MOST_TASKS

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_FAMILY = re.compile(r":task-definition/([A-Za-z0-9_-]+):[0-9]+$")
_STARTS = ("RunTask", "StartTask")


@dataclass(slots=True)
class Period:
    """The number of events, and their first and last times; empty without events."""

    count: int = 0
    first: str = ""
    last: str = ""

    def add(self, count: int, first: str, last: str) -> None:
        """Add events that were counted elsewhere."""
        self.count += count
        if first and (not self.first or first < self.first):
            self.first = first
        self.last = max(self.last, last)


# The events of one role by task; empty for a session that does not belong to a task.
Tasks: TypeAlias = "dict[str, Period]"


@dataclass(frozen=True, slots=True)
class ReachRow:
    """Counted events of any caller; `data_service` is the service of data events, empty for other events."""

    account: str
    region: str
    data_service: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class CallerRow:
    """The counted events of one role, and its tasks."""

    role: str
    count: int
    task_count: int


class RowCounter:
    """Counts equal events as rows, without duplicates.

    Events before `since`, and at or after `until`, are left out, but still used for the families of tasks.
    """

    def __init__(self, since: str = "", until: str = "") -> None:
        self._ids: set[bytes | str] = set()
        self._groups: dict[EventKey, Tasks] = {}
        self._reach: dict[tuple[str, str, str], Period] = {}
        self._callers: dict[str, Tasks] = {}
        self._families: dict[str, str] = {}
        self._since = since
        self._until = until

    def add(self, event: Mapping[str, Any]) -> None:
        """Count an event of CloudTrail."""
        if self._is_known(text_of(event.get("eventID"))):
            return
        when = text_of(event.get("eventTime"))
        when = when if TIME.fullmatch(when) else ""
        self._families.update(families_of(event))
        if when and (when < self._since or (self._until and when >= self._until)):
            return
        source = text_of(event.get("eventSource"))
        place = (
            text_of(event.get("recipientAccountId")),
            text_of(event.get("awsRegion")),
            service_of(source) if is_data_event(event) else "",
        )
        self._reach.setdefault(place, Period()).add(1, when, when)
        identity = event.get("userIdentity")
        role = role_of_identity(identity)
        if not role:
            return
        task = task_of(identity)
        # The family of a task may be read after its calls, so it is not part of the key yet.
        for tasks in (self._groups.setdefault(event_key(event, role, ""), {}), self._callers.setdefault(role, {})):
            tasks.setdefault(task, Period()).add(1, when, when)

    def rows(self) -> Iterator[EventRow]:
        """Yield the rows of equal events, unordered, and clear them."""
        while self._groups:
            key, tasks = self._groups.popitem()
            families: dict[str, Tasks] = defaultdict(dict)
            for task, period in tasks.items():
                families[self._families.get(task, "")][task] = period
            for family, members in families.items():
                yield _row(key._replace(family=family), members)

    def reach(self) -> Iterator[ReachRow]:
        """Yield the counts of all events, unordered."""
        for place, period in self._reach.items():
            yield ReachRow(*place, period.count, period.first, period.last)

    def callers(self) -> Iterator[CallerRow]:
        """Yield the counts of each role, unordered."""
        for role, tasks in self._callers.items():
            count = sum(period.count for period in tasks.values())
            yield CallerRow(role, count, len(tasks) - ("" in tasks))

    def _is_known(self, id_: str) -> bool:
        """Return whether an event is a duplicate, and remember it."""
        if not id_:
            return False
        try:
            short: bytes | str = bytes.fromhex(id_.replace("-", ""))
        except ValueError:
            short = id_
        count = len(self._ids)
        self._ids.add(short)
        return len(self._ids) == count


def _row(key: EventKey, tasks: Tasks) -> EventRow:
    whole = Period()
    for period in tasks.values():
        whole.add(period.count, period.first, period.last)
    ids = [task for task in tasks if task]
    return EventRow(key, whole.count, whole.first, whole.last, first_tasks(ids), len(ids))


def first_tasks(tasks: Iterable[str]) -> tuple[str, ...]:
    """Return the task ids that a row or call keeps."""
    return tuple(sorted(tasks)[:MOST_TASKS])


def is_data_event(event: Mapping[str, Any]) -> bool:
    """Return whether an event is a data event, by its category, which old events lack."""
    category = event.get("eventCategory")
    return category == "Data" or (category is None and event.get("managementEvent") is False)


def families_of(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the ids of the tasks that an event started, each with its task definition family."""
    response = event.get("responseElements")
    if event.get("eventName") not in _STARTS or not isinstance(response, dict):
        return
    tasks = response.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        if isinstance(task, dict):
            match = _FAMILY.search(text_of(task.get("taskDefinitionArn")))
            id_ = text_of(task.get("taskArn")).rpartition("/")[2]
            if match and id_:
                yield id_, match[1]
