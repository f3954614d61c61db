"""A lock on a file of its own, held as long as a process runs, which can hand it down to a process that it starts."""

from __future__ import annotations

import os
from pathlib import Path

from taskrole.files.errors import write_errors


def try_lock(path: Path) -> int | None:
    """Return the descriptor that holds the lock until every process with it has ended; None where it is held already.

    The file is made, for its owner only, and never removed; a link is not followed. Raises InputError.
    """
    import fcntl

    with write_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor
