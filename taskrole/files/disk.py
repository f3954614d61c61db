"""Writes bytes and directory entries durably to disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from taskrole.system import CAN_OPEN_FOLDERS, O_BINARY, O_DIRECTORY

_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EROFS, errno.EBADF})


def open_new_file(path: Path, content: bytes, mode: int = 0o666) -> int:
    """Return the descriptor of a new file with some content; the umask limits its mode. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | O_BINARY, mode)
    try:
        write_all(descriptor, content)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def write_all(descriptor: int, content: bytes) -> None:
    """Write all bytes to an open file. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Wait until the entries of a folder are on disk, if the system supports it."""
    if not CAN_OPEN_FOLDERS:
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | O_DIRECTORY)
    except PermissionError:  # The folder may be writable but not readable.
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync(descriptor: int) -> None:
    """Wait until an open file is on disk. Raises OSError if the disk fails, not if it does not support this."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
