"""Identifies a process by its id and start time, because process ids are reused."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from taskrole.errors import InputError
from taskrole.reading import read_named

_PROC = Path("/proc")
_ENDED = ("Z", "X")  # ended, not yet reaped
_LOWEST = 2  # 0 and -1 are groups of processes, 1 is the init process


def start_time(pid: int) -> str | None:
    """Return the start time of this user's process; None if it belongs to another user or does not run.

    The text is only for comparison on the same machine. Sources:
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html and, without /proc, `ps`.
    """
    if pid < _LOWEST:
        return None
    try:
        return _from_proc(pid) if (_PROC / "self/stat").exists() else _from_ps(pid)
    except (InputError, OSError, ValueError, IndexError):
        return None


def end(pid: int, start: str) -> None:
    """Terminate this user's process with this start time; do nothing if it has ended. Raises OSError."""
    descriptor = _descriptor(pid)
    try:
        # From here on, the descriptor refers to that process, even if its id is reused.
        if start_time(pid) != start:
            return
        if descriptor is None:
            os.kill(pid, signal.SIGTERM)
        else:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
    except ProcessLookupError:
        return
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _descriptor(pid: int) -> int | None:
    """Return a descriptor of a process, or None if the process or the system call does not exist."""
    try:
        return os.pidfd_open(pid) if pid >= _LOWEST and hasattr(os, "pidfd_open") else None
    except (OSError, OverflowError):
        return None


def _from_proc(pid: int) -> str | None:
    folder = _PROC / str(pid)
    # The program's name is in parentheses, and may itself contain spaces and parentheses.
    fields = read_named(folder / "stat").decode("ascii", "replace").rpartition(")")[2].split()
    is_ours = folder.stat().st_uid == os.geteuid()
    return fields[19] if is_ours and fields[0] not in _ENDED else None


def _from_ps(pid: int) -> str | None:
    command = ["ps", "-o", "uid=,stat=,lstart=", "-p", str(pid)]
    done = subprocess.run(
        command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False, timeout=10
    )
    uid, state, *start = done.stdout.split()
    return " ".join(start) if int(uid) == os.geteuid() and state[0] not in _ENDED else None
