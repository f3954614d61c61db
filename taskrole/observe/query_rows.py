"""The rows that the printed queries return: one kind of row for calls, one for the reach, one for the callers.

All columns are text, as CSV has them; an empty one is not known. Lists and the members of requests are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
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


class RowError(ValueError):
    """A row that no query of ours returns; its text is a clause."""


def is_row_header(names: Container[str]) -> bool:
    """Return whether there are all columns of the queries among some names."""
    return all(name in names for name in COLUMNS)


def row_of(columns: Mapping[str, Any]) -> EventRow | ReachRow | CallerRow:
    """Return a row by its columns. Raises RowError."""
    kind, role = text_of(columns["kind"]), text_of(columns["role"])
    count, first, last = _number(columns["events"]), _time(columns["first"]), _time(columns["last"])
    account, region, source = (text_of(columns[name]) for name in ("account", "region", "source"))
    tasks = _list(columns["tasks"])
    task_count = max(_number(columns["task_count"]), len(tasks))
    if kind == "reach":
        return ReachRow(account, region, service_of(source), count, first, last)
    if kind == "caller":
        return CallerRow(role, count, task_count)
    if kind != "call":
        raise RowError("the column kind is neither call, reach nor caller")
    key = EventKey(
        role,
        text_of(columns["family"]),
        account,
        region,
        source,
        text_of(columns["name"]),
        text_of(columns["code"]),
        plain_message(text_of(columns["message"])),
        text_of(columns["via"]),
        tuple(sorted(set(_list(columns["resources"])))),
        _request(columns["request"]),
    )
    return EventRow(key, count, first, last, first_tasks(tasks), task_count)


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
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RowError("a column that is JSON cannot be read") from None


def _number(text: Any) -> int:
    try:
        return max(0, int(text or 0))
    except (TypeError, ValueError):
        raise RowError("a column that is a count is no number") from None


def _time(text: Any) -> str:
    value = text_of(text)
    return value if TIME.fullmatch(value) else ""
