"""Operating system features that are not available everywhere.

Windows has no locks on folders, no owners and modes of files, no paths relative to an open folder, and no way to open a
file without following links or waiting for it; its checkouts have neither links nor pipes in folders.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from io import TextIOWrapper

# Flags of os.open: 0 if the system does not have them.
O_BINARY: int = getattr(os, "O_BINARY", 0)
O_DIRECTORY: int = getattr(os, "O_DIRECTORY", 0)
O_NOCTTY: int = getattr(os, "O_NOCTTY", 0)
O_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
O_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
O_PATH: int = getattr(os, "O_PATH", os.O_RDONLY)

CAN_OPEN_FOLDERS = bool(O_DIRECTORY)
CAN_OPEN_INSIDE = os.open in os.supports_dir_fd


def has_locks() -> bool:
    """Return whether `lock` has an effect."""
    try:
        import fcntl  # noqa: F401
    except ImportError:
        return False
    return True


def lock(descriptor: int) -> None:
    """Lock an open file or folder for this process. Raises BlockingIOError if it is locked, OSError."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_own(status: os.stat_result) -> bool:
    """Return whether a file belongs to this user; True if files have no owners."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def is_open_to_others(status: os.stat_result) -> bool:
    """Return whether other users can read or write a file; False if the system has no such modes."""
    return hasattr(os, "geteuid") and bool(status.st_mode & 0o077)


def block(descriptor: int) -> None:
    """Make writes to an open pipe block until it is read."""
    if O_NONBLOCK:
        os.set_blocking(descriptor, True)


def renameat2() -> Callable[..., Any] | None:
    """Return Linux's call that exchanges two names atomically, or None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes
    except ImportError:
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def with_slashes(path: str) -> str:
    r"""Return a path with slashes, the same in reports and files on every system: `a/b` for Windows' `a\b`."""
    return path.replace(os.sep, "/")


def same_everywhere(stream: TextIOWrapper) -> None:
    r"""Make a stream write the same bytes on every system, and escape characters that its encoding lacks.

    Windows writes files and pipes in the code page of its language, and `\r\n`. Terminals keep their encoding, as do
    streams configured by PYTHONIOENCODING.
    """
    if stream.isatty() or os.environ.get("PYTHONIOENCODING"):
        stream.reconfigure(errors="backslashreplace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
