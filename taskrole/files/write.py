"""Writes a file atomically, following links and keeping its owner and mode."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from taskrole.errors import InputError, refusal
from taskrole.files.attributes import keep_attributes
from taskrole.files.disk import open_new_file, sync, sync_folder, write_all
from taskrole.files.errors import ChangedError, write_errors
from taskrole.files.exchange import exchange, rename_to_new
from taskrole.files.leftovers import beside, remove_unfinished_files
from taskrole.files.locks import locked
from taskrole.reading import read_regular
from taskrole.system import O_BINARY, O_NOCTTY, O_NONBLOCK, block

LONGEST_WAIT_FOR_READER = 10.0  # seconds
_PAUSE = 0.05
_MOST_LINKS = 40

_Place = Callable[[Path, Path], object]


def write_beside(path: Path, text: str) -> None:
    """Write a text file atomically, so that readers never see a partial file.

    Links are followed; an existing file keeps its owner and mode. Devices and pipes are written to. Raises InputError.
    """
    with write_errors(path):
        if _is_stream(path):
            _write_to_stream(path, _encoded(path, text))
        else:
            _write(path, Path(os.path.realpath(path)), _encoded(path, text), Path.replace)


def replace_unchanged(path: Path, text: str, content: bytes) -> None:
    """Write a file whose content was read before, provided it still has that content.

    Raises ChangedError if it does not, without overwriting it; InputError if it cannot be written.
    """

    def place(new: Path, target: Path) -> None:
        _replace_same(new, target, path, content)

    with write_errors(path):
        if _is_stream(path):
            raise refusal(path, "is not a regular file")
        _write(path, Path(os.path.realpath(path)), _encoded(path, text), place)


def create(path: Path, text: str) -> None:
    """Write a file that does not exist, not even as a link. Raises ChangedError if it does, otherwise InputError."""

    def place(new: Path, target: Path) -> None:
        _place_new(new, target, path)

    with write_errors(path):
        _write(path, Path(os.path.realpath(path.parent)) / path.name, _encoded(path, text), place)


def keep_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read and whose loss costs only time. Raises InputError.

    The file is written atomically like the others, but without a lock and without waiting for the disk.
    """
    with write_errors(path):
        new = beside(path, "private")
        try:
            os.close(open_new_file(new, _encoded(path, text), 0o600))
            new.replace(path)
        except BaseException:
            _remove(new)
            raise


def _write(path: Path, target: Path, content: bytes, place: _Place) -> None:
    with locked(target.parent, path) as is_alone:
        if is_alone:
            remove_unfinished_files(target.parent)
        new = beside(target, "file")
        try:
            descriptor = open_new_file(new, content)
            try:
                if target.is_file():
                    keep_attributes(target, new)
                sync(descriptor)
            finally:
                os.close(descriptor)
            place(new, target)
        except BaseException:
            _remove(new)
            raise
        sync_folder(target.parent)


def _replace_same(new: Path, target: Path, path: Path, content: bytes) -> None:
    try:
        if not exchange(new, target):
            # A write between these two steps is lost; this system offers no better way.
            if not _holds(target, content):
                raise ChangedError(path)
            new.replace(target)
            return
    except FileNotFoundError:
        raise ChangedError(path) from None
    if _holds(new, content):
        new.unlink()
        return
    exchange(new, target)
    raise ChangedError(path)


def _place_new(new: Path, target: Path, path: Path) -> None:
    try:
        if not rename_to_new(new, target):
            os.link(new, target)
            new.unlink()
    except FileExistsError:
        raise ChangedError(path) from None


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_regular(path, largest=len(content)) == content
    except InputError:
        return False


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _encoded(path: Path, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        character = text[error.start].encode("unicode_escape", "surrogatepass").decode("ascii")
        raise refusal(
            path, f"cannot be written: the text holds {character}, which is half of a surrogate pair"
        ) from None


def _is_stream(path: Path) -> bool:
    """Return whether a path is a device, a pipe or an open file of a process. Raises IsADirectoryError."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return not stat.S_ISREG(mode) or _is_open_file(path)


def _is_open_file(path: Path) -> bool:
    """Return whether a path leads through /proc, like /dev/stdout: moving a file there would not write to it."""
    for _ in range(_MOST_LINKS):
        if not path.is_symlink():
            return False
        folder = os.path.realpath(path.parent)
        if folder.startswith("/proc/"):
            return True
        path = Path(folder) / path.readlink()
    return False


def _write_to_stream(path: Path, content: bytes) -> None:
    descriptor = _open_stream(path)
    try:
        block(descriptor)
        write_all(descriptor, content)
    finally:
        os.close(descriptor)


def _open_stream(path: Path) -> int:
    """Open a device or pipe, waiting a few seconds at most for the reader of a pipe."""
    deadline = time.monotonic() + LONGEST_WAIT_FOR_READER
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_APPEND | O_BINARY | O_NONBLOCK | O_NOCTTY)
        except OSError as error:  # noqa: PERF203 -- the reader may come
            if error.errno != errno.ENXIO or time.monotonic() > deadline or not path.is_fifo():
                raise
            time.sleep(_PAUSE)
