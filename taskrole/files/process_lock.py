"""A lock on a separate file, held as long as a process runs, that child processes can inherit."""

from __future__ import annotations

import os
from pathlib import Path

from taskrole.errors import ToolError
from taskrole.files.errors import write_errors
from taskrole.system import O_NOFOLLOW, O_NONBLOCK, has_locks, lock


def try_lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock until every process with it has ended; None if it is already held.

    The file is created for its owner only, and never removed; links are not followed. Raises InputError, and ToolError
    if the system has no such locks.
    """
    if not has_locks():
        raise ToolError("the embedded AWS needs locks on files, which this system lacks; on Windows, use WSL")
    with write_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
        try:
            lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor
