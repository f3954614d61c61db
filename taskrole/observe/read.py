"""Reads recorded calls in any form from files, folders and standard input into a Recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal, TypeAlias

from taskrole.collector import collector_paused
from taskrole.errors import InputError, Place, Problem, ToolError, printable
from taskrole.extras import install_line
from taskrole.observe.event_files import items_of
from taskrole.observe.evidence import EvidenceReader
from taskrole.observe.filters import ALL, Filters
from taskrole.observe.json_values import BrokenError
from taskrole.observe.query_rows import row_of_values
from taskrole.observe.recording import Recording
from taskrole.observe.row_counter import RowCounter
from taskrole.observe.source_files import SourceFile, files_of_sources
from taskrole.progress import tracked

Engine = Literal["auto", "python", "duckdb"]
_Events: TypeAlias = Iterable[Mapping[str, Any]]

LARGE = 16 << 20  # Bytes, before unpacking: above this, DuckDB is faster despite its start-up time.


def read_recording(
    sources: Iterable[str | Path],
    filters: Filters = ALL,
    *,
    events: _Events = (),
    engine: Engine = "auto",
) -> Recording:
    """Return the calls in sources (files, folders, and `-` for standard input) and in `events`.

    `engine` counts equal events: `auto` is DuckDB for large evidence if it is installed, otherwise Python. Raises
    InputError if a source cannot be read or a named file has no evidence; ToolError if DuckDB is requested and not
    installed.
    """
    files = files_of_sources(sources)
    read = _by_duckdb if _uses_duckdb(engine, files.files) else _by_python
    # boto3's objects contain cycles, so garbage collection stays on while `events` are read from an account.
    with nullcontext() if events else collector_paused():
        evidence = read(files.files, events, filters)
        evidence.skipped += files.skipped
        return evidence.recording()


def _uses_duckdb(engine: Engine, files: Sequence[SourceFile]) -> bool:
    if engine == "python" or (engine == "auto" and sum(file.size() for file in files) < LARGE):
        return False
    from taskrole.observe.duck import is_installed

    if engine == "duckdb" and not is_installed():
        raise ToolError(install_line("duckdb") or "")
    return is_installed()


def _by_python(files: Sequence[SourceFile], events: _Events, filters: Filters) -> EvidenceReader:
    counter = RowCounter(filters.since, filters.until)
    evidence = EvidenceReader(filters, counter.add)
    for event in events:
        counter.add(event)
    _read(files, evidence)
    evidence.take(counter)
    return evidence


def _by_duckdb(files: Sequence[SourceFile], events: _Events, filters: Filters) -> EvidenceReader:
    from taskrole.observe.duck import reduction

    with reduction(filters) as reduced:
        evidence = EvidenceReader(filters, reduced.add)
        for event in events:
            reduced.add(event)
        _read(reduced.read(files), evidence)
        for values in reduced.rows():
            evidence.add_row(row_of_values(values))
        if reduced.refused:
            evidence.skipped.append(f"{reduced.refused} events: not JSON that DuckDB can read")
    return evidence


def _read(files: Sequence[SourceFile], evidence: EvidenceReader) -> None:
    for file in tracked(files, "reading recorded calls"):
        _read_file(file, evidence)


def _read_file(file: SourceFile, evidence: EvidenceReader) -> None:
    is_known = False
    problem = ""
    try:
        for item in items_of(file):
            reason = evidence.add(item)
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
