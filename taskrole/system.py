"""What an operating system offers that another does not: the other modules ask here, and run on all of them.

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

# Flags of os.open: 0 where the system does not have them.
O_BINARY: int = getattr(os, "O_BINARY", 0)
O_DIRECTORY: int = getattr(os, "O_DIRECTORY", 0)
O_NOCTTY: int = getattr(os, "O_NOCTTY", 0)
O_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
O_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
O_PATH: int = getattr(os, "O_PATH", os.O_RDONLY)

CAN_OPEN_FOLDERS = bool(O_DIRECTORY)
CAN_OPEN_INSIDE = os.open in os.supports_dir_fd


def has_locks() -> bool:
    """Return whether `lock` locks anything."""
    try:
        import fcntl  # noqa: F401
    except ImportError:
        return False
    return True


def lock(descriptor: int) -> None:
    """Lock an open file or folder for this process. Raises BlockingIOError where another holds it, OSError."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_own(status: os.stat_result) -> bool:
    """Return whether a file is this user's; True where files have no owners."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def is_open_to_others(status: os.stat_result) -> bool:
    """Return whether other users may read or write a file by its mode; False where modes say nothing about them."""
    return hasattr(os, "geteuid") and bool(status.st_mode & 0o077)


def block(descriptor: int) -> None:
    """Let writing to an open pipe wait for its reader, where opening it did not."""
    if O_NONBLOCK:
        os.set_blocking(descriptor, True)


def renameat2() -> Callable[..., Any] | None:
    """Return Linux's call that exchanges two names in one step; None elsewhere, or where it is too old."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes
    except ImportError:
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def with_slashes(path: str) -> str:
    r"""Return a path as reports and the files of a project have it, on every system: `a/b`, where Windows has `a\b`."""
    return path.replace(os.sep, "/")


def same_everywhere(stream: TextIOWrapper) -> None:
    r"""Let a stream write the same bytes on every system, and escape what its encoding lacks rather than fail.

    Windows writes files and pipes in the code page of its language, and `\r\n`. A terminal keeps its encoding, as
    does what PYTHONIOENCODING gives another.
    """
    if stream.isatty() or os.environ.get("PYTHONIOENCODING"):
        stream.reconfigure(errors="backslashreplace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
