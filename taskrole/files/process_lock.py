"""A lock on a file of its own, held as long as a process runs, which can hand it down to a process that it starts."""

from __future__ import annotations

import os
from pathlib import Path

from taskrole.errors import ToolError
from taskrole.files.errors import write_errors
from taskrole.system import O_NOFOLLOW, O_NONBLOCK, has_locks, lock


def try_lock(path: Path) -> int | None:
    """Return the descriptor that holds the lock until every process with it has ended; None where it is held already.

    The file is made, for its owner only, and never removed; a link is not followed. Raises InputError, and ToolError
    where the system has no such locks.
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
