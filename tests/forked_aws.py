"""An empty embedded AWS for a module of tests, forked from a process with moto loaded.

Starting one like `taskrole local up` takes 2.5 seconds of processor time, forking it 0.2. If tests run apart
(`tests/apart.py`), it is started.
"""

from __future__ import annotations

import atexit
import functools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskrole.files import try_lock
from taskrole.local.record import ServerRecord, lock_path
from taskrole.local.server import down, find, up
from tests.apart import runs_apart

_SERVER = Path(__file__).with_name("aws_fork_server.py")
_LONGEST_START = 60.0  # seconds


@contextmanager
def forked_aws(folder: Path) -> Iterator[ServerRecord]:
    """Yield an embedded AWS whose record is in a folder, and stop it at the end."""
    try:
        yield up(folder)[0] if runs_apart() else _forked(folder)
    finally:
        down(folder)


def _forked(folder: Path) -> ServerRecord:
    folder.mkdir(parents=True, exist_ok=True)
    lock = try_lock(lock_path(folder))
    assert lock is not None, f"{folder} has one already"
    socket.send_fds(_server(), [os.fsencode(folder.absolute())], [lock])
    os.close(lock)
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        record = find(folder)
        if record:
            return record
        time.sleep(0.02)
    raise AssertionError(f"the embedded AWS of {folder} does not answer; see its log")


@functools.cache
def _server() -> socket.socket:
    """Start the process that forks, once; it ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, str(_SERVER), str(theirs.fileno())],
            env={**plain, "PYTHONPATH": str(_SERVER.parent.parent)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(_end, process, ours)
    return ours


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    process.wait()
