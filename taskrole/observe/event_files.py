"""Parses evidence files, detected by content: events, rows of taskrole's queries, output of other tools.

Events are in CloudTrail's delivery format (`Records`), one per line, in the output of `aws cloudtrail lookup-events`
(`Events`), or in the envelope of EventBridge. Rows are CSV or JSON, as returned by Athena and CloudTrail Lake.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from taskrole.dataclass import dataclass
from taskrole.observe.json_values import BrokenError, JsonValues
from taskrole.observe.packed import Unpacked
from taskrole.observe.query_rows import is_row_header
from taskrole.observe.source_files import SourceFile

# `other` is an object that is neither an event nor a row.
_Kind = Literal["event", "row", "other"]


@dataclass(frozen=True, slots=True)
class FileItem:
    """An item of a file."""

    kind: _Kind
    value: Mapping[str, Any]


def items_of(file: SourceFile) -> Iterator[FileItem]:
    """Yield the items of a file. Raises BrokenError for an error after yielding the items before it; InputError."""
    with file.stream() as stream:
        values = JsonValues(Unpacked(stream).read)
        if values.peek() in "{[":
            for key, value in values.values():
                yield from _items(key, value)
        else:
            yield from _csv_rows(values)


def _items(key: str, value: Any) -> Iterator[FileItem]:
    if key == "QueryResultRows":
        yield from _lake_row(value)
    elif not isinstance(value, dict):
        raise BrokenError("contains values other than JSON objects")
    elif key == "Events" or "CloudTrailEvent" in value:
        yield _event(_looked_up(value))
    elif isinstance(value.get("ResultSet"), dict):
        yield from _athena_rows(value["ResultSet"])
    elif "detail-type" in value and isinstance(value.get("detail"), dict):
        yield _event(value["detail"])
    else:
        yield _event(value)


def _event(value: Any) -> FileItem:
    if not isinstance(value, dict):
        return FileItem("other", {})
    if isinstance(value.get("eventSource"), str) and isinstance(value.get("eventName"), str):
        return FileItem("event", value)
    return FileItem("row" if is_row_header(value) else "other", value)


def _looked_up(value: Mapping[str, Any]) -> Any:
    text = value.get("CloudTrailEvent")
    if not isinstance(text, str):
        return value
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenError("has a CloudTrailEvent that is not JSON") from None


def _csv_rows(values: JsonValues) -> Iterator[FileItem]:
    try:
        reader = csv.DictReader(values.lines())
        names = reader.fieldnames or ()
        if not is_row_header(names):
            raise BrokenError("is neither JSON nor CSV with the columns of the query that --print-query prints")
        for row in reader:
            yield FileItem("row", {name: text for name, text in row.items() if isinstance(name, str)})
    except csv.Error as error:
        raise BrokenError(f"is not CSV: {error}") from None


def _lake_row(value: Any) -> Iterator[FileItem]:
    """Yield a row of CloudTrail Lake's GetQueryResults: a list of objects with one column each."""
    columns = {name: text for cell in value if isinstance(cell, dict) for name, text in cell.items()}
    if not is_row_header(columns):
        raise BrokenError("does not have the columns of the query that --print-query prints")
    yield FileItem("row", columns)


def _athena_rows(result: Mapping[str, Any]) -> Iterator[FileItem]:
    """Yield the rows of Athena's GetQueryResults, whose first row contains the column names."""
    rows = result.get("Rows")
    cells = [[_text(cell) for cell in _data(row)] for row in rows] if isinstance(rows, list) else []
    if not cells or not is_row_header(cells[0]):
        raise BrokenError("does not have the columns of the query that --print-query prints")
    for row in cells[1:]:
        yield FileItem("row", dict(zip(cells[0], row, strict=False)))


def _data(row: Any) -> list[Any]:
    data = row.get("Data") if isinstance(row, dict) else None
    return data if isinstance(data, list) else []


def _text(cell: Any) -> str:
    text = cell.get("VarCharValue") if isinstance(cell, dict) else None
    return text if isinstance(text, str) else ""
