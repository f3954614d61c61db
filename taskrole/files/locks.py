"""Ensures one writer per folder: a lock on the folder itself, which leaves no lock file behind.

The lock ends with its process. If the system or file system does not support such locks, as on Windows, files are
written without one: the comparison before replacing still detects changes by others.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskrole.errors import InputError, refusal
from taskrole.reading import read_named
from taskrole.system import O_DIRECTORY, has_locks, lock

LONGEST_WAIT = 10.0  # seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.05  # seconds
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP})
_LOCKS = Path("/proc/locks")


@contextmanager
def locked(folder: Path, target: Path) -> Iterator[bool]:
    """Lock a folder on behalf of a target in it; yield whether the lock is certain. Not reentrant.

    Raises InputError, which names the process that holds the lock, after 10 seconds; OSError if the folder cannot be
    opened.
    """
    descriptor = _acquire(folder, target)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _acquire(folder: Path, target: Path) -> int | None:
    if not has_locks():
        return None
    deadline = time.monotonic() + LONGEST_WAIT
    pause = _FIRST_PAUSE
    while True:
        try:
            descriptor = os.open(folder, os.O_RDONLY | O_DIRECTORY)
        except PermissionError:  # The folder may be writable but not readable.
            return None
        try:
            lock(descriptor)
            if os.path.samestat(os.fstat(descriptor), folder.stat()):
                return descriptor
            # The folder itself was replaced while this process waited.
        except BlockingIOError:
            if time.monotonic() > deadline:
                message = f"{_holder(descriptor)} is writing in {folder}; run the command again when it has ended"
                os.close(descriptor)
                raise refusal(target, message) from None
        except OSError as error:
            os.close(descriptor)
            if error.errno in _UNSUPPORTED:
                return None
            raise
        os.close(descriptor)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _holder(descriptor: int) -> str:
    """Return the process that holds the lock, as listed by Linux; otherwise `another process`."""
    inode = os.fstat(descriptor).st_ino
    pattern = re.compile(rf"FLOCK +\w+ +WRITE +(\d+) +\w+:\w+:{inode} ")
    try:
        holders = pattern.findall(read_named(_LOCKS).decode("ascii", "replace"))
    except InputError:
        holders = []
    # The number is 0 for a process outside this container.
    return f"process {holders[0]}" if holders and holders[0] != "0" else "another process"
