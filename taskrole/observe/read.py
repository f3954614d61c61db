"""Reads recorded calls from files, folders and standard input, whatever form they have, into one Recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeAlias

from taskrole.errors import InputError, Place, Problem, ToolError, printable
from taskrole.extras import install_line
from taskrole.observe.event_files import Item, items_of
from taskrole.observe.event_rows import EventRow
from taskrole.observe.filters import ALL, Filters
from taskrole.observe.json_values import BrokenError
from taskrole.observe.other_evidence import guessed_calls, last_accessed
from taskrole.observe.query_rows import RowError, row_of
from taskrole.observe.recording import Caller, LastAccessed, Reach, RecordedCall, Recording
from taskrole.observe.row_counter import CallerRow, Period, ReachRow, RowCounter
from taskrole.observe.row_mapping import CallMapping, sort_key
from taskrole.observe.source_files import SourceFile, find_files

Engine = Literal["auto", "python", "duckdb"]
Progress: TypeAlias = "Callable[[int, int], None] | None"

LARGE = 16 << 20  # bytes, as the files are: DuckDB begins to be worth its start

# Members of what CloudTrail delivers beside events.
_NO_EVENTS = {"digestStartTime": "a digest file", "insightDetails": "Insights events"}


@dataclass(slots=True)
class _Evidence:
    """What has been read so far."""

    counter: RowCounter
    mapping: CallMapping = field(default_factory=CallMapping)
    reach: list[ReachRow] = field(default_factory=list)
    callers: list[CallerRow] = field(default_factory=list)
    guessed: list[RecordedCall] = field(default_factory=list)
    last_accessed: list[LastAccessed] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read_recording(
    sources: Iterable[str | Path],
    filters: Filters = ALL,
    *,
    events: Iterable[Mapping[str, Any]] = (),
    engine: Engine = "auto",
    progress: Progress = None,
) -> Recording:
    """Return the calls that sources record: files, folders, and `-` for standard input, with `events` beside them.

    `engine` is what counts equal events: `auto` is DuckDB for many of them where it is installed, else plain Python.
    `progress` is called with how many files are read, and of how many. Raises InputError for a source that cannot be
    read, and for a named file that holds nothing known; ToolError where DuckDB is asked for and not installed.
    """
    found = find_files(sources)
    evidence = _Evidence(RowCounter(filters.since, filters.until), skipped=list(found.skipped))
    for event in events:
        evidence.counter.add(event)
    files = _left_by_duckdb(found.files, evidence, filters) if _uses_duckdb(engine, found.files) else found.files
    for number, file in enumerate(files, 1):
        _read_file(file, evidence, filters)
        if progress:
            progress(len(found.files) - len(files) + number, len(found.files))
    return _recording(evidence, filters)


def _uses_duckdb(engine: Engine, files: Sequence[SourceFile]) -> bool:
    from taskrole.observe import duck

    if engine == "duckdb" and not duck.is_installed():
        raise ToolError(install_line("duckdb") or "")
    is_large = sum(file.size() for file in files) >= LARGE
    return engine == "duckdb" or (engine == "auto" and is_large and duck.is_installed())


def _left_by_duckdb(files: Sequence[SourceFile], evidence: _Evidence, filters: Filters) -> Sequence[SourceFile]:
    from taskrole.observe.duck import Reduction

    reduction = Reduction(files, filters)
    for columns in reduction.rows():
        _add_row(columns, evidence, filters)
    return reduction.left


def _read_file(file: SourceFile, evidence: _Evidence, filters: Filters) -> None:
    is_known = False
    problem = ""
    try:
        for item in items_of(file):
            reason = _add(item, evidence, filters)
            is_known |= not reason
            problem = problem or reason
    except BrokenError as error:
        problem = str(error)
    except InputError as error:
        if file.root is None:
            raise
        problem = error.problems[0].message
    if problem and not is_known and file.root is None:
        raise InputError([Problem(Place(file.name), problem)])
    if problem:
        evidence.skipped.append(printable(f"{file.name}: {problem}"))


def _add(item: Item, evidence: _Evidence, filters: Filters) -> str:
    """Take an item of a file; return why it is left out, a clause, or empty."""
    if item.kind == "event":
        evidence.counter.add(item.value)
        return ""
    if item.kind == "row":
        return _add_row(item.value, evidence, filters)
    reason = next((what for member, what in _NO_EVENTS.items() if member in item.value), "")
    if reason:
        return reason
    calls = guessed_calls(item.value)
    evidence.guessed += calls or ()
    accessed = last_accessed(item.value, filters.role if filters.role.startswith("arn:") else "")
    if accessed:
        evidence.last_accessed.append(accessed)
    return "" if accessed or calls is not None else "holds JSON that is no event and no evidence of another known form"


def _add_row(columns: Any, evidence: _Evidence, filters: Filters) -> str:
    try:
        row = row_of(columns)
    except RowError as error:
        return str(error)
    if isinstance(row, EventRow):
        if _is_kept(row, filters):
            evidence.mapping.add(row)
    elif isinstance(row, ReachRow):
        evidence.reach.append(row)
    else:
        evidence.callers.append(row)
    return ""


def _recording(evidence: _Evidence, filters: Filters) -> Recording:
    mapping = evidence.mapping
    for row in evidence.counter.rows():
        if _is_kept(row, filters):
            mapping.add(row)
    callers = _callers([*evidence.counter.callers(), *evidence.callers])
    reach = _reach([*evidence.counter.reach(), *evidence.reach], mapping.events, callers)
    return Recording(
        tuple(sorted(chain(mapping.calls(), set(evidence.guessed)), key=sort_key)),
        tuple(sorted(mapping.unmapped(), key=lambda event: (event.role, event.event, event.because))),
        reach,
        tuple(sorted(set(evidence.last_accessed), key=lambda accessed: (accessed.role, accessed.services))),
        tuple(sorted(set(evidence.skipped))),
    )


def _is_kept(row: EventRow, filters: Filters) -> bool:
    return (
        filters.has_role(row.key.role)
        and filters.family in ("", row.key.family)
        and not (filters.since and row.last and row.last < filters.since)
        and not (filters.until and row.first and row.first >= filters.until)
    )


def _reach(rows: list[ReachRow], kept: int, callers: tuple[Caller, ...]) -> Reach:
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


def _callers(rows: list[CallerRow]) -> tuple[Caller, ...]:
    callers: dict[str, Caller] = {}
    for row in rows:
        known = callers.get(row.role, Caller(row.role, 0, 0))
        callers[row.role] = Caller(row.role, known.events + row.count, known.tasks + row.task_count)
    return tuple(callers[role] for role in sorted(callers))
