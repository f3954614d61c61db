"""Collects recorded calls into a Recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from taskrole.observe.event_files import FileItem
from taskrole.observe.event_rows import EventRow
from taskrole.observe.filters import Filters
from taskrole.observe.other_evidence import guessed_calls, last_accessed
from taskrole.observe.query_rows import RowError, row_of
from taskrole.observe.recording import LastAccessed, Reach, RecordedCall, RecordedRole, Recording
from taskrole.observe.row_counter import CallerRow, Period, ReachRow, RowCounter
from taskrole.observe.row_mapping import CallMapping, sort_key

# Files that CloudTrail delivers in addition to events.
_NO_EVENTS = {"digestStartTime": "a digest file", "insightDetails": "Insights events"}


class EvidenceReader:
    """Collects items of files; events are passed to `add_event`, which counts equal ones."""

    def __init__(self, filters: Filters, add_event: Callable[[Mapping[str, Any]], None]) -> None:
        self.skipped: list[str] = []
        self._filters = filters
        self._add_event = add_event
        self._mapping = CallMapping()
        self._reach: list[ReachRow] = []
        self._callers: list[CallerRow] = []
        self._guessed: set[RecordedCall] = set()
        self._last_accessed: set[LastAccessed] = set()

    def add(self, item: FileItem) -> str:
        """Add an item of a file; return the reason as a clause if it is left out, otherwise an empty string."""
        if item.kind == "event":
            self._add_event(item.value)
            return ""
        return self.add_columns(item.value) if item.kind == "row" else self._add_other(item.value)

    def add_columns(self, columns: Mapping[str, Any]) -> str:
        """Add a row of a query; return the reason as a clause if it is left out, otherwise an empty string."""
        try:
            row = row_of(columns)
        except RowError as error:
            return str(error)
        self.add_row(row)
        return ""

    def add_row(self, row: EventRow | ReachRow | CallerRow) -> None:
        """Add a row of equal events, or a row on the reach."""
        if isinstance(row, ReachRow):
            self._reach.append(row)
        elif isinstance(row, CallerRow):
            self._callers.append(row)
        elif _is_kept(row, self._filters):
            self._mapping.add(row)

    def take(self, counter: RowCounter) -> None:
        """Add the counted events."""
        for row in counter.rows():
            self.add_row(row)
        self._reach += counter.reach()
        self._callers += counter.callers()

    def recording(self) -> Recording:
        """Return the recording, sorted and independent of the order of the evidence."""
        mapping = self._mapping
        return Recording(
            tuple(sorted(chain(mapping.calls(), self._guessed), key=sort_key)),
            tuple(sorted(mapping.unmapped(), key=lambda event: (event.role, event.event, event.because))),
            _reach(self._reach, mapping.events, _callers(self._callers)),
            tuple(sorted(self._last_accessed, key=lambda accessed: (accessed.role, accessed.services))),
            tuple(sorted(set(self.skipped))),
        )

    def _add_other(self, value: Mapping[str, Any]) -> str:
        reason = next((what for member, what in _NO_EVENTS.items() if member in value), "")
        if reason:
            return reason
        role = self._filters.role
        calls, accessed = guessed_calls(value), last_accessed(value, role if role.startswith("arn:") else "")
        self._guessed.update(calls or ())
        self._last_accessed.update([accessed] if accessed else [])
        is_known = accessed is not None or calls is not None
        return "" if is_known else "has JSON that is neither an event nor another known form"


def _is_kept(row: EventRow, filters: Filters) -> bool:
    return (
        filters.has_role(row.key.role)
        and filters.family in ("", row.key.family)
        and not (filters.since and row.last and row.last < filters.since)
        and not (filters.until and row.first and row.first >= filters.until)
    )


def _reach(rows: list[ReachRow], kept: int, callers: tuple[RecordedRole, ...]) -> Reach:
    whole = Period()
    for row in rows:
        whole.add(row.count, row.first, row.last)
    return Reach(
        whole.count,
        kept,
        whole.first,
        whole.last,
        _names(row.account for row in rows),
        _names(row.region for row in rows),
        _names(row.data_service for row in rows),
        callers,
    )


def _names(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({*values} - {""}))


def _callers(rows: list[CallerRow]) -> tuple[RecordedRole, ...]:
    callers: dict[str, RecordedRole] = {}
    for row in rows:
        known = callers.get(row.role, RecordedRole(row.role, 0, 0))
        callers[row.role] = RecordedRole(row.role, known.events + row.count, known.tasks + row.task_count)
    return tuple(callers[role] for role in sorted(callers))
