"""The evidence files given by the user, and those in given folders.

Files in folders are selected by extension. Digest files and Insights events, which are delivered with the events, are
listed as skipped.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.reading import STANDARD_INPUT, is_folder, open_found, open_named, standard_input

ENDS = (".json", ".jsonl", ".ndjson", ".csv", ".log", ".gz")
_NOT_EVENTS = {"CloudTrail-Digest": "a digest file", "CloudTrail-Insight": "Insights events"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of evidence: `-` is standard input. `root` is the folder it is in, None for a file given by name."""

    path: str
    root: str | None = None

    @property
    def name(self) -> str:
        """Return the name for messages."""
        return STANDARD_INPUT if self.path == "-" else self.path

    def stream(self) -> BinaryIO:
        """Return the file's stream. Raises InputError."""
        if self.path == "-":
            return standard_input()
        return open_named(self.path) if self.root is None else open_found(self.path, self.root)

    def size(self) -> int:
        """Return the size in bytes, or 0 if it is unknown."""
        try:
            return Path(self.path).stat().st_size
        except (OSError, ValueError):
            return 0


@dataclass(frozen=True, slots=True)
class Files:
    """The files of some sources, in order, and a line for each skipped file."""

    files: tuple[SourceFile, ...]
    skipped: tuple[str, ...]


def files_of_sources(sources: Iterable[str | Path]) -> Files:
    """Return the files of sources: files, folders and `-`. Raises InputError for an empty folder."""
    files: dict[str, SourceFile] = {}
    skipped: list[str] = []
    for source in map(str, sources):
        if not is_folder(source):
            files.setdefault(source, SourceFile(source))
            continue
        inside = list(_inside(source))
        if not inside:
            message = f"holds no file that ends in {', '.join(ENDS)}"
            raise InputError([Problem(Place(source), message)])
        for path in inside:
            reason = next((what for part, what in _NOT_EVENTS.items() if part in path[len(source) :]), "")
            if reason:
                skipped.append(f"{path}: {reason}")
            else:
                files.setdefault(path, SourceFile(path, source))
    return Files(tuple(files.values()), tuple(skipped))


def _inside(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (f"{parent.rstrip('/')}/{name}" for name in sorted(names) if name.lower().endswith(ENDS))
