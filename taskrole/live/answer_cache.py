"""A cache of AWS's answers, so that an interrupted reading of an account can continue.

It is in the user's cache folder, outside the working tree, since a commit must not reveal what runs in an account. Each
reading has its own folder, by account, region, caller and version of taskrole. Each answer is a file, written
atomically, readable only by its owner, and used for a day at most. A finished reading removes its folder, so that the
next one sees the current account.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from taskrole import __version__
from taskrole.errors import InputError, Place, Problem
from taskrole.files import keep_private, make_folder, remove_empty_folder, remove_file
from taskrole.reading import read_regular
from taskrole.system import is_open_to_others, is_own

LONGEST_KEPT = 24 * 3_600  # seconds
LARGEST_KEPT = 64 * 1024 * 1024  # bytes
FORMAT = 2  # of the kept files

_PATTERN = "answer-*.json"
_HALF_WRITTEN = ".answer-*"
_LONGEST_WRITE = 60  # seconds; a half-written file that is older was left by a process that was killed


def default_folder() -> Path:
    """Return the user's cache folder for answers: below XDG_CACHE_HOME, or ~/.cache. Raises InputError.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        # The specification has relative paths ignored, which would lead into the working tree.
        base = Path(given) if Path(given).is_absolute() else Path.home() / ".cache"
    except RuntimeError as error:
        message = "is unknown: there is no home folder; set a folder with --keep"
        raise InputError([Problem(Place("the cache folder"), message)]) from error
    return base / "taskrole" / "audit"


def check_folder(folder: Path) -> None:
    """Raise InputError for a folder inside a Git working tree, where answers could be committed."""
    place = folder.resolve()
    if any((parent / ".git").exists() for parent in (place, *place.parents)):
        message = "is inside of a Git working tree, where answers could be committed; choose another folder"
        raise InputError([Problem(Place(f"--keep {folder}"), message)])


class Answers:
    """The cached answers of a reading; `reused` counts those that were used.

    `problem` is why nothing is cached, if the default folder cannot be written to.
    """

    def __init__(self, root: Path, reader: Sequence[str | None], *, is_required: bool = False) -> None:
        """Prepare a folder below `root`; raises InputError if other users could write to it.

        `reader` is everything that answers depend on: the caller's ARN, the account and the region. Removes what
        interrupted readings left below `root`. Nothing is created before the first answer. If the folder `is_required`,
        being unable to write to it is an error.
        """
        self.problem = ""
        self._is_required = is_required
        self._binding = [FORMAT, __version__, *reader]
        self._folder = root / _digest(self._binding)
        self.reused = 0
        for folder in (root, self._folder):
            _check_owner(folder)
        with contextlib.suppress(InputError):
            _clean(root)

    def find(self, request: Any) -> Any:
        """Return the answer to a request, or None if there is no usable one."""
        path = self._path(request)
        try:
            if not 0 <= time.time() - path.lstat().st_mtime <= LONGEST_KEPT:
                return None
            kept = json.loads(read_regular(path, largest=LARGEST_KEPT, is_private=True))
        except (InputError, OSError, ValueError, RecursionError):
            return None
        if not isinstance(kept, dict) or kept.get("binding") != self._binding or kept.get("request") != request:
            return None
        self.reused += 1
        return kept.get("answer")

    def keep(self, request: Any, answer: Any) -> None:
        """Store the answer to a request. Raises InputError if a required folder cannot be written to."""
        if self.problem:
            return
        path = self._path(request)
        text = json.dumps({"binding": self._binding, "request": request, "answer": answer})
        try:
            make_folder(self._folder.parent, private=True)
            make_folder(self._folder, private=True)
            keep_private(path, text)
        except InputError as error:
            message = f"{error.problems[0].message}; choose another folder with --keep"
            problem = Problem(Place(str(self._folder)), message)
            if self._is_required:
                raise InputError([problem]) from error
            self.problem = str(problem)

    def forget(self) -> None:
        """Remove all answers of this reading, and its folder."""
        _remove(self._folder)

    def _path(self, request: Any) -> Path:
        return self._folder / _PATTERN.replace("*", _digest(request))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def _check_owner(folder: Path) -> None:
    try:
        state = folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise InputError([Problem(Place(str(folder)), f"cannot be read: {error.strerror}")]) from error
    if not stat.S_ISDIR(state.st_mode):
        raise InputError([Problem(Place(str(folder)), "is not a folder; choose another with --keep")])
    if not is_own(state):
        raise InputError([Problem(Place(str(folder)), "belongs to another user; choose another folder with --keep")])
    if is_open_to_others(state):
        message = f"is accessible to other users (mode {state.st_mode & 0o777:o}); run chmod 700 on it"
        raise InputError([Problem(Place(str(folder)), message)])


def _clean(root: Path) -> None:
    """Remove incomplete files, and the folders of readings that are too old to be continued."""
    for folder in _folders(root):
        is_over = all(_age(path) > LONGEST_KEPT for path in _files(folder, _PATTERN)) and _age(folder) > _LONGEST_WRITE
        for path in _files(folder, _HALF_WRITTEN):
            if _age(path) > _LONGEST_WRITE:
                remove_file(path)
        if is_over:
            _remove(folder)


def _folders(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from (path for path in root.iterdir() if len(path.name) == 32 and not path.is_symlink() and path.is_dir())


def _remove(folder: Path) -> None:
    for pattern in (_PATTERN, _HALF_WRITTEN):
        for path in _files(folder, pattern):
            remove_file(path)
    remove_empty_folder(folder)


def _files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a folder that match a pattern; none if another reading has just removed the folder."""
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def _age(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return 0.0
