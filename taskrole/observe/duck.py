"""Reduces many files of events with DuckDB: out of core, on all processors, with a limit on memory.

DuckDB reads no file but those that it is given, loads no extension, and asks nothing of the network. What it works on
is in a folder of its own that others cannot read, and that is removed: of each event what a row has, and no more.
Files that DuckDB cannot read as a whole, such as cut ones, are left to the reader in plain Python.

Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from taskrole.files import temporary_folder
from taskrole.observe.dialects import DUCKDB
from taskrole.observe.filters import Filters
from taskrole.observe.json_values import BrokenError
from taskrole.observe.packed import Unpacked
from taskrole.observe.queries import calls_query, rows_query
from taskrole.observe.query_rows import COLUMNS
from taskrole.observe.source_files import SourceFile

MEMORY = "640MB"
THREADS = 2
AT_ONCE = 32  # files
ROWS_AT_ONCE = 2_000
LARGEST_FILE = 64 << 20  # bytes, unpacked: DuckDB holds a file as a whole
# No gzip file unpacks to more than this many times its size.
_MOST_PACKED = 1_032
_RECORDS = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
# DuckDB takes these in a name as a pattern.
_PATTERN = re.compile(r"[*?\[\]{}]")

# Of an event, what `queries` reads. DuckDB finds members in JSON by their exact names, and columns in any case.
_EVENT = (
    "STRUCT(eventID VARCHAR, eventTime VARCHAR, recipientAccountId VARCHAR, awsRegion VARCHAR, eventSource VARCHAR, "
    "eventName VARCHAR, errorCode VARCHAR, errorMessage VARCHAR, eventCategory VARCHAR, managementEvent VARCHAR, "
    "userIdentity STRUCT(type VARCHAR, arn VARCHAR, principalId VARCHAR, invokedBy VARCHAR, "
    "sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR))), "
    "requestParameters JSON, responseElements JSON, resources STRUCT(ARN VARCHAR)[])"
)
_FORM = f"columns = {{'Records': '{_EVENT}[]'}}, format = 'unstructured', maximum_object_size = {LARGEST_FILE}"
_FILES = f"SELECT unnest(Records) AS event FROM read_json(?, {_FORM})"  # noqa: S608 -- constants
_NO_FILES = f"SELECT NULL::{_EVENT} AS event LIMIT 0"


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
    """The events of some files, reduced to rows. `left` are the files that DuckDB did not read."""

    def __init__(self, files: Sequence[SourceFile], filters: Filters) -> None:
        self.left: list[SourceFile] = []
        self._files = files
        self._filters = filters

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield the rows of all files as columns of text."""
        import duckdb

        with temporary_folder() as folder:
            readable = {os.path.realpath(file.path): file for file in self._files if self._is_readable(file)}
            connection = duckdb.connect(str(folder / "events.duckdb"), config=_settings(folder))
            try:
                _close_off(connection, list(readable))
                yield from self._rows(connection, readable)
            finally:
                connection.close()

    def _is_readable(self, file: SourceFile) -> bool:
        if is_readable(file):
            return True
        self.left.append(file)
        return False

    def _rows(self, connection: Any, readable: dict[str, SourceFile]) -> Iterator[dict[str, str]]:
        import duckdb

        paths = list(readable)
        connection.execute(f"CREATE TABLE calls AS {_calls(_NO_FILES)}")
        for start in range(0, len(paths), AT_ONCE):
            batch = paths[start : start + AT_ONCE]
            try:
                connection.execute(f"INSERT INTO calls {_calls(_FILES)}", [batch])
            except duckdb.Error:
                # Which of them it is, and where, the reader in plain Python says.
                self.left += [readable[path] for path in batch]
        connection.execute(_FIND_TWICE)
        connection.execute(_REMOVE_TWICE)
        cursor = connection.execute(f"WITH {rows_query(DUCKDB, self._filters)}")
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                yield dict(zip(COLUMNS, map(str, row), strict=True))


def is_readable(file: SourceFile) -> bool:
    """Return whether DuckDB can read a file: one of `Records`, with a plain name, that is not too large unpacked."""
    path = os.path.realpath(file.path)
    if file.path == "-" or _PATTERN.search(path) or file.size() > LARGEST_FILE:
        return False
    try:
        with file.stream() as stream:
            unpacked = Unpacked(stream, LARGEST_FILE)
            if not _RECORDS.match(unpacked.read(256)):
                return False
            # Only a large gzip file can unpack to more than the limit, and has to be looked through for it.
            while unpacked.is_packed and file.size() * _MOST_PACKED > LARGEST_FILE and unpacked.read(1 << 20):
                pass
    except BrokenError:
        return False
    return True


def _settings(folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY,
        "threads": str(THREADS),
        "temp_directory": str(folder / "temporary"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }


def _close_off(connection: Any, paths: Iterable[str]) -> None:
    """Let DuckDB read these files and its own folder, and nothing else, from now on."""
    allowed = list(paths)
    connection.execute(f"SET allowed_paths = [{', '.join('?' * len(allowed))}]", allowed)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _calls(files: str) -> str:
    return calls_query(DUCKDB, f"(SELECT event.* FROM ({files}))")  # noqa: S608 -- one of the constants above
