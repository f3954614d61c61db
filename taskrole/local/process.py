"""Which process a process id names: ids are used again, so that one counts only together with its start time."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from taskrole.errors import InputError
from taskrole.reading import read_named

_PROC = Path("/proc")
_ENDED = ("Z", "X")  # ended, and not yet reaped
_LOWEST = 2  # 0 and -1 name groups of processes, 1 the process that starts all others


def start_time(pid: int) -> str | None:
    """Return when a running process of this user started; None for one of another user, or that does not run.

    The text can be compared with another of the same machine, and has no other meaning. Sources:
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html and, where there is no /proc, `ps`.
    """
    if pid < _LOWEST:
        return None
    try:
        return _from_proc(pid) if (_PROC / "self/stat").exists() else _from_ps(pid)
    except (InputError, OSError, ValueError, IndexError):
        return None


def end(pid: int, start: str) -> None:
    """Ask the process of this user that started then to end; do nothing where it has ended. Raises OSError."""
    descriptor = _descriptor(pid)
    try:
        # From here on the descriptor is that process, even if its id is given to another one.
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
    """Return a descriptor of a process, or None where there is no such process, or no such call."""
    try:
        return os.pidfd_open(pid) if pid >= _LOWEST and hasattr(os, "pidfd_open") else None
    except (OSError, OverflowError):
        return None


def _from_proc(pid: int) -> str | None:
    folder = _PROC / str(pid)
    # The program's name is in parentheses, and may itself have spaces and parentheses.
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
