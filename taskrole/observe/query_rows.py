"""Parses the rows that the printed queries return: rows of calls, of the reach, and of callers.

All columns are text, as in CSV; an empty one is unknown. Lists and request members are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from sys import intern
from typing import Any

from taskrole.observe.event_actions import service_of
from taskrole.observe.event_rows import EventKey, EventRow, member_text, plain_message, text_of
from taskrole.observe.row_counter import TIME, CallerRow, ReachRow, first_tasks

COLUMNS = (
    "kind",
    "role",
    "family",
    "account",
    "region",
    "source",
    "name",
    "code",
    "message",
    "via",
    "resources",
    "request",
    "events",
    "first",
    "last",
    "tasks",
    "task_count",
)


_EMPTY = ("", "[]", "{}")
_DECODER = json.JSONDecoder()


class RowError(ValueError):
    """A row that taskrole's queries do not return; the text is a clause."""


def is_row_header(names: Container[str]) -> bool:
    """Return whether names include all columns of the queries."""
    return all(name in names for name in COLUMNS)


def row_of(columns: Mapping[str, Any]) -> EventRow | ReachRow | CallerRow:
    """Return a row from its columns. Raises RowError."""
    return row_of_values([columns[name] for name in COLUMNS])


def row_of_values(values: Sequence[Any]) -> EventRow | ReachRow | CallerRow:
    """Return a row from the values of COLUMNS, in order; counts may be numbers. Raises RowError."""
    *texts, resources, request, events, first_time, last_time, task_ids, number_of_tasks = values
    kind, role, family, account, region, source, name, code, message, via = map(text_of, texts)
    count, first, last = _number(events), _time(first_time), _time(last_time)
    tasks = _list(task_ids)
    task_count = max(_number(number_of_tasks), len(tasks))
    if kind == "reach":
        return ReachRow(account, region, service_of(source), count, first, last)
    if kind == "caller":
        return CallerRow(role, count, task_count)
    if kind != "call":
        raise RowError("the column kind is neither call, reach nor caller")
    arns = _list(resources)
    # Repeated values are stored once.
    key = EventKey(
        intern(role),
        intern(family),
        intern(account),
        intern(region),
        intern(source),
        intern(name),
        intern(code),
        plain_message(message),
        via,
        tuple(arns) if len(arns) < 2 else tuple(sorted(set(arns))),
        _request(request),
    )
    return EventRow(key, count, first, last, first_tasks(tasks if len(tasks) < 2 else set(tasks)), task_count)


def _request(text: Any) -> tuple[tuple[str, str], ...]:
    members = _json(text)
    if not isinstance(members, dict):
        return ()
    texts = ((name, member_text(value)) for name, value in sorted(members.items()) if value is not None)
    return tuple((name, text) for name, text in texts if text)


def _list(text: Any) -> list[str]:
    items = _json(text)
    return [item for item in items if isinstance(item, str) and item] if isinstance(items, list) else []


def _json(text: Any) -> Any:
    if not isinstance(text, str) or text in _EMPTY:
        return None
    try:
        # `json.loads` would first skip white space, which DuckDB does not write.
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        value, end = None, 0
    try:
        return value if end == len(text) else json.loads(text)
    except (ValueError, RecursionError):
        raise RowError("a column that is JSON cannot be read") from None


def _number(text: Any) -> int:
    try:
        return max(0, int(text or 0))
    except (TypeError, ValueError):
        raise RowError("a count is not a number") from None


def _time(text: Any) -> str:
    value = text_of(text)
    return value if TIME.fullmatch(value) else ""
