"""Aggregates many event files with DuckDB: out of core, on all processors, within a memory limit.

Each file is converted to lines of one event each in a private temporary folder: DuckDB reads lines twenty times as fast
as one long array. DuckDB cannot read anything outside that folder, loads no extensions, and has no network access. It
keeps only the columns of a row. Files in another form, and files that DuckDB rejects, are read by the Python reader,
which reports the error and its place.

Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, ToolError, printable
from taskrole.files import remove_file, temporary_folder, write_temporary
from taskrole.observe.dialects import DUCKDB
from taskrole.observe.event_members import reduced_event
from taskrole.observe.filters import Filters
from taskrole.observe.json_values import BrokenError
from taskrole.observe.packed import Unpacked
from taskrole.observe.queries import calls_query, rows_query
from taskrole.observe.source_files import SourceFile
from taskrole.progress import reporting
from taskrole.reading import is_file

MEMORY = "512MB"
THREADS = 2
ROWS_AT_ONCE = 2_000
LARGEST_BATCH = 64 << 20  # Bytes of lines that DuckDB reads at a time.
# The size of the write-ahead log before a checkpoint: with DuckDB's default, each batch rewrites the end of the table.
LARGEST_LOG = "256MB"
_LARGEST_FILE = 64 << 20  # bytes, unpacked
LARGEST_EVENT = 4 << 20  # bytes
_HEAD = 256  # bytes
_CHUNK = 1 << 20  # bytes

_RECORDS = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
# The separator of two events. Inside an event, it produces lines that are not JSON, which DuckDB rejects.
_BETWEEN = re.compile(rb'\},\s*(?=\{"eventVersion")')

# The members of an event that `queries` reads. DuckDB matches JSON members by case, and columns in any case.
_EVENT = {
    **dict.fromkeys(("eventID", "eventTime", "recipientAccountId", "awsRegion", "eventSource", "eventName"), "VARCHAR"),
    **dict.fromkeys(("errorCode", "errorMessage", "eventCategory", "managementEvent"), "VARCHAR"),
    "userIdentity": "STRUCT(type VARCHAR, arn VARCHAR, principalId VARCHAR, invokedBy VARCHAR, "
    "sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR)))",
    "requestParameters": "JSON",
    "responseElements": "JSON",
    "resources": "STRUCT(ARN VARCHAR)[]",
}
_COLUMNS = ", ".join(f"{name}: '{kind}'" for name, kind in _EVENT.items())
_FORM = f"columns = {{{_COLUMNS}}}, format = 'newline_delimited', maximum_object_size = {LARGEST_EVENT}"
_FILES = f"read_json(?, {_FORM})"
_NO_FILES = f"(SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in _EVENT.items())} LIMIT 0)"
_FIND_TWICE = """\
CREATE TABLE twice AS
SELECT event_id, MIN(rowid) AS first_row FROM calls WHERE event_id <> '' GROUP BY event_id HAVING COUNT(*) > 1"""
_REMOVE_TWICE = """\
DELETE FROM calls USING twice WHERE calls.event_id = twice.event_id AND calls.rowid <> twice.first_row"""


def is_installed() -> bool:
    """Return whether DuckDB is installed."""
    from importlib.util import find_spec

    return find_spec("duckdb") is not None


class Reduction:
    """Aggregates events to rows; `refused` counts those that DuckDB rejects, such as half of a surrogate pair."""

    def __init__(self, folder: Path, filters: Filters) -> None:
        """Start in a private folder."""
        import duckdb

        self.refused = 0
        self._folder = folder
        self._filters = filters
        self._lines: list[bytes] = []
        self._size = 0
        self._connection: Any = duckdb.connect(str(folder / "events.duckdb"), config=_settings(folder))
        _close_off(self._connection, folder)
        self._connection.execute(f"CREATE TABLE calls AS {calls_query(DUCKDB, _NO_FILES)}")

    def read(self, files: Sequence[SourceFile]) -> list[SourceFile]:
        """Add the events of files; return the files that DuckDB rejects. Raises InputError."""
        left: list[SourceFile] = []
        done = 0
        batches = _batches(files, self._folder)
        # The next batch is unpacked while DuckDB reads this one. The thread ends before the folder is removed.
        with ThreadPoolExecutor(max_workers=1) as executor, reporting("reading recorded calls", len(files)) as report:
            report(0)
            following = executor.submit(next, batches, None)
            while batch := following.result():
                following = executor.submit(next, batches, None)
                # The Python reader finds out which of the files DuckDB rejects.
                left += batch.left if self._insert(batch.paths) else [*batch.left, *batch.files]
                done += len(batch.files) + len(batch.left)
                report(done)
        return left

    def add(self, event: Mapping[str, Any]) -> None:
        """Add an event."""
        line = json.dumps(reduced_event(event)).encode() + b"\n"
        self._lines.append(line)
        self._size += len(line)
        if self._size >= LARGEST_BATCH:
            self._insert_lines()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of all events, each with the values of COLUMNS in order, and close the database."""
        self._insert_lines()
        self._connection.execute(_FIND_TWICE)
        self._connection.execute(_REMOVE_TWICE)
        cursor = self._connection.execute(f"WITH {rows_query(DUCKDB, self._filters)}")
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows
        self._connection.close()

    def _insert_lines(self) -> None:
        if not self._insert_text(b"".join(self._lines)):
            self.refused += sum(not self._insert_text(line) for line in self._lines)
        self._lines, self._size = [], 0

    def _insert_text(self, lines: bytes) -> bool:
        path = self._folder / "added.jsonl"
        write_temporary(path, lines)
        return self._insert([path] if lines else [])

    def _insert(self, paths: list[Path]) -> bool:
        """Insert the events of files, all or none, and remove the files; return whether they were inserted."""
        import duckdb

        if not paths:
            return True
        try:
            self._connection.execute(f"INSERT INTO calls {calls_query(DUCKDB, _FILES)}", [list(map(str, paths))])
        except duckdb.Error:
            return False
        finally:
            for path in paths:
                remove_file(path)
        return True


@contextmanager
def reduction(filters: Filters) -> Iterator[Reduction]:
    """Yield a reduction in a temporary folder, which is removed at the end. Raises ToolError if DuckDB fails."""
    import duckdb

    with temporary_folder() as folder:
        try:
            yield Reduction(folder, filters)
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            fix = "set TMPDIR to a folder with more space, or choose --engine python"
            raise ToolError(printable(f"DuckDB cannot count the events: {reason}; {fix}")) from error


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files whose events are in `paths`, one per line, and files in another form."""

    files: list[SourceFile] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    left: list[SourceFile] = field(default_factory=list)


def _batches(files: Sequence[SourceFile], folder: Path) -> Iterator[_Batch]:
    """Unpack files into a folder and yield them in batches, with at most two batches on disk."""
    batch, size = _Batch(), 0
    for number, file in enumerate(files):
        lines = lines_of(file)
        if lines is None:
            batch.left.append(file)
        elif lines:
            path = folder / f"{number}.jsonl"
            write_temporary(path, lines)
            batch.files.append(file)
            batch.paths.append(path)
            size += len(lines)
        if size >= LARGEST_BATCH:
            yield batch
            batch, size = _Batch(), 0
    yield batch


def lines_of(file: SourceFile) -> bytes | None:
    """Return the events of a delivered file, one per line, or None if the file has another form or is too large."""
    # A stream that can be read only once is not inspected.
    if not is_file(file.path):
        return None
    try:
        with file.stream() as stream:
            unpacked = Unpacked(stream, _LARGEST_FILE)
            content = unpacked.read(_HEAD)
            start = _RECORDS.match(content)
            if not start:
                return None
            content += b"".join(iter(lambda: unpacked.read(_CHUNK), b""))
    except (BrokenError, InputError):
        return None
    content = content[start.end() :].rstrip()
    is_plain = content.endswith(b"]}") and len(content) <= _LARGEST_FILE
    if not is_plain or b"\n" in content or b'"insightDetails"' in content:
        return None
    return _BETWEEN.sub(b"}\n", content[:-2])


def _settings(folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY,
        "threads": str(THREADS),
        "checkpoint_threshold": LARGEST_LOG,
        "temp_directory": str(folder / "temporary"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }


def _close_off(connection: Any, folder: Path) -> None:
    """Restrict DuckDB to its own folder."""
    # Otherwise it prints a progress bar to standard output after two seconds.
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET allowed_directories = [?]", [str(folder)])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
