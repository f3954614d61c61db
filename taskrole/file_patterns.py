"""Finds files that match a pattern such as `tasks/**/*.json`, without following links to folders (possible loops)."""

from __future__ import annotations

import glob
import os
import posixpath
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from taskrole.errors import InputError, Place, Problem

MOST_ENTRIES = 100_000
_DEEP = "**"


def matching_files(pattern: str, folder: Path | None = None) -> list[str]:
    """Return the files that match a pattern, sorted, with slashes, relative to a folder if one is given.

    `**` stands for any number of folders; hidden files match only a pattern with their dot. Raises InputError if the
    search would visit more than 100,000 files and folders.
    """
    fixed, rest = _split(pattern)
    search = _Search(pattern, str(folder) if folder is not None else "")
    return sorted({path for path in search.matches(fixed, rest) if not search.is_folder(path)})


def pattern_root(pattern: str) -> Path:
    """Return the folder that a pattern searches: the part before its first wildcard."""
    return Path(_split(pattern)[0] or ".")


def _split(pattern: str) -> tuple[str, list[str]]:
    parts = Path(pattern).parts
    first = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    fixed = Path(*parts[:first]).as_posix() if first else ""
    rest = [part for number, part in enumerate(parts) if number >= first]
    # Repeated ones have no further effect.
    rest = [part for number, part in enumerate(rest) if part != _DEEP or number == 0 or rest[number - 1] != _DEEP]
    return fixed, [*rest, "*"] if rest and rest[-1] == _DEEP else rest


class _Search:
    """A search below a folder, which counts the entries visited."""

    def __init__(self, pattern: str, folder: str) -> None:
        self._pattern = pattern
        self._folder = folder
        self._count = 0

    def is_folder(self, path: str) -> bool:
        return os.path.isdir(os.path.join(self._folder, path))  # noqa: PTH112, PTH118 -- raises nothing

    def matches(self, place: str, parts: Sequence[str]) -> Iterator[str]:
        if not parts:
            if os.path.lexists(os.path.join(self._folder, place)):  # noqa: PTH118
                yield place
            return
        first, rest = parts[0], parts[1:]
        if first == _DEEP:
            yield from self.matches(place, rest)
            for name in self._entries(place):
                path = posixpath.join(place, name)
                if not name.startswith(".") and self.is_folder(path) and not self._is_link(path):
                    yield from self.matches(path, parts)
        elif glob.has_magic(first):
            for name in self._entries(place):
                if fnmatchcase(name, first) and (first.startswith(".") or not name.startswith(".")):
                    yield from self.matches(posixpath.join(place, name), rest)
        else:
            yield from self.matches(posixpath.join(place, first), rest)

    def _is_link(self, path: str) -> bool:
        return os.path.islink(os.path.join(self._folder, path))  # noqa: PTH114, PTH118

    def _entries(self, place: str) -> list[str]:
        try:
            names = os.listdir(os.path.join(self._folder, place) or ".")  # noqa: PTH118, PTH208
        except OSError:
            return []
        self._count += len(names)
        if self._count > MOST_ENTRIES:
            message = f"must not search more than {MOST_ENTRIES:,} files and folders; use a folder closer to the files"
            raise InputError([Problem(Place(self._pattern), message)])
        return names
