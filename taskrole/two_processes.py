"""Parts of a long piece of work in two processes, with the results in order and few of them in memory."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection, Pipe

_Part = Callable[[int], bytes]


def in_two_processes(part: _Part, count: int) -> Generator[bytes, None, None]:
    """Yield `part(0)`, `part(1)` … up to `count`; every second one is made by a process that is forked for it.

    Where there is no second core, or no fork, this process makes all. It also makes those that the other one does not
    deliver, so that an exception in a part is raised here. What a part prints or changes is lost in the other process.
    """
    if count < 2 or not _can_fork():
        yield from map(part, range(count))
        return
    receiving, sending = Pipe(duplex=False)
    gc.freeze()  # or both processes would copy the memory that they share
    child = os.fork()
    if child == 0:
        receiving.close()
        _deliver(part, range(1, count, 2), sending)
    sending.close()
    try:
        for number in range(count):
            delivered = _received(receiving) if number % 2 else None
            yield part(number) if delivered is None else delivered
    finally:
        # The other process ends where it has more to deliver.
        receiving.close()
        os.waitpid(child, 0)
        gc.unfreeze()


def _can_fork() -> bool:
    # On macOS system libraries do not survive a fork.
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def _deliver(part: _Part, numbers: range, sending: Connection) -> None:
    """Send parts, and end this process without any of the parent's clean-up."""
    code = 1
    try:
        for number in numbers:
            sending.send_bytes(part(number))
        code = 0
    finally:
        os._exit(code)


def _received(receiving: Connection) -> bytes | None:
    """Return the next part of the other process, or None where it delivers no more."""
    try:
        return receiving.recv_bytes()
    except (EOFError, OSError):
        return None
