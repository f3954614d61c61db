"""Getting bytes and names onto the disk."""

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
    """Write bytes to an open file, all of them. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, where the system can do that for folders."""
    if not CAN_OPEN_FOLDERS:
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | O_DIRECTORY)
    except PermissionError:  # files may be made in it, but not listed
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync(descriptor: int) -> None:
    """Wait until an open file is on disk. Raises OSError for a disk that fails, not for one that cannot do this."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
