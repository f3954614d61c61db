"""Processes parts of a large task in two processes, with results in order and few of them in memory."""

from __future__ import annotations

import gc
import io
import os
import select
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from taskrole.progress import reporting
from taskrole.shared_objects import SharedObjects

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# A second process is slower for fewer items, and tests count calls below this number.
_MANY = 300
_AT_ONCE = 25

_NUMBER_SIZE = 4  # bytes
_MOST_WAITING = 8_192
# Results that are kept until it is their turn.
_MOST_EARLY = 8
_PIPE_SIZE = 1 << 20  # bytes, the most that Linux allows each user

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_groups(  # noqa: PLR0913 -- the last three have defaults
    items: Sequence[_Item],
    work: Callable[[Sequence[_Item]], _Result],
    activity: str,
    shared: Callable[[], Sequence[object]] = tuple,
    *,
    many: int | None = None,
    at_once: int | None = None,
) -> Generator[_Result, None, None]:
    """Yield the results of `work` on groups of items, in order; for fewer than `many`, on single ones in this process.

    `activity` is displayed as progress. `shared` returns objects that the other process sends by reference; those of
    built-in types are copied all the same.
    """
    is_long = len(items) >= (_MANY if many is None else many)
    size = (at_once or _AT_ONCE) if is_long else 1
    groups = [items[start : start + size] for start in range(0, len(items), size)]
    with reporting(activity, len(items)) as report:
        if not is_long:
            for done, group in enumerate(groups):
                report(done)
                yield work(group)
            return
        with closing(in_two_processes(lambda number: work(groups[number]), len(groups), shared())) as results:
            for number, result in enumerate(results):
                report(number * size)
                yield result


def in_two_processes(
    part: Callable[[int], _Result], count: int, shared: Sequence[object] = ()
) -> Generator[_Result, None, None]:
    """Yield `part(0)`, `part(1)` … up to `count`; this process and a forked one each take the next part when free.

    Results are copied from the other process, except objects of `shared`, which it sends by number; those of built-in
    types are copied all the same. Without a second core or fork, this process computes all parts. It also computes
    parts that the other one does not deliver, so that their exceptions are raised here, in order; it computes all
    further parts once a result cannot be pickled. Output and changes of a part in the other process are lost.
    """
    if count < 2 or not _can_fork():
        yield from map(part, range(count))
        return
    # Imported late: a small plan is reviewed in less time with one process and without this.
    from multiprocessing.connection import Pipe

    receiving, sending = Pipe(duplex=False)
    _enlarge(sending)
    numbers = _Numbers(count)
    known = SharedObjects(shared)
    gc.freeze()  # Otherwise, both processes would copy the memory that they share.
    child = os.fork()
    if child == 0:
        receiving.close()
        numbers.only_take()
        _deliver(part, numbers, sending, known)
    sending.close()
    try:
        results = _Results(part, numbers, receiving, known)
        yield from map(results.result, range(count))
    finally:
        # The other process ends if it has more to deliver.
        receiving.close()
        numbers.close()
        os.waitpid(child, 0)
        gc.unfreeze()


def _can_fork() -> bool:
    # On macOS, system libraries do not support fork; on all systems, locks of other threads do not.
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _enlarge(sending: Connection) -> None:
    """Let a pipe hold several results, so that the other process need not wait until this one receives them."""
    import fcntl

    with suppress(OSError):  # the user has many of this size
        fcntl.fcntl(sending.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


class _Numbers:
    """The numbers of the parts that no process has taken; both take them from one pipe.

    The first part is this process's, the second one the other's. The pipe never holds more than `_MOST_WAITING`, so
    that adding a number does not block.
    """

    def __init__(self, count: int) -> None:
        self._taking, self._adding = os.pipe()
        self._left = iter(range(2, count))
        self._is_complete = False
        for _ in range(_MOST_WAITING):
            self.add()

    def add(self) -> None:
        """Add a number that is left, for one that was taken."""
        number = next(self._left, None)
        if number is not None:
            os.write(self._adding, number.to_bytes(_NUMBER_SIZE, "big"))
        else:
            self.only_take()

    def take(self) -> int | None:
        """Return the next number, or None if all are taken."""
        number = os.read(self._taking, _NUMBER_SIZE)
        return int.from_bytes(number, "big") if number else None

    def only_take(self) -> None:
        """Add no numbers any more."""
        if not self._is_complete:
            self._is_complete = True
            os.close(self._adding)

    def close(self) -> None:
        """Neither take nor add numbers any more."""
        self.only_take()
        os.close(self._taking)


def _deliver(part: Callable[[int], object], numbers: _Numbers, sending: Connection, shared: SharedObjects) -> None:
    """Send parts, and end this process without the parent's clean-up."""
    code = 1
    try:
        number: int | None = 1
        while number is not None:
            content = io.BytesIO()
            content.write(number.to_bytes(_NUMBER_SIZE, "big"))
            shared.write(part(number), content)
            sending.send_bytes(content.getbuffer())
            number = numbers.take()
        code = 0
    finally:
        os._exit(code)


class _Results(Generic[_Result]):
    """The results of both processes by number. `result` must be called for each number, in order."""

    def __init__(
        self, part: Callable[[int], _Result], numbers: _Numbers, receiving: Connection, shared: SharedObjects
    ) -> None:
        self._part = part
        self._numbers = numbers
        self._receiving = receiving
        self._shared = shared
        self._arrivals = select.poll()
        self._arrivals.register(receiving.fileno(), select.POLLIN)
        self._early: dict[int, Callable[[], _Result]] = {}
        self._are_all_taken = False
        self._is_alone = False

    def result(self, number: int) -> _Result:
        """Return the result of a part, or raise its exception."""
        if number == 0:
            return self._part(number)
        while number not in self._early:
            if self._is_alone:
                return self._part(number)
            self._work()
        return self._early.pop(number)()

    def _work(self) -> None:
        """Receive a result if there is one, or if this process is far ahead; else compute the next part."""
        if self._are_all_taken or len(self._early) >= _MOST_EARLY or self._arrivals.poll(0):
            delivered = _received(self._receiving)
            if delivered is None:
                self._is_alone = True
                return
            content = io.BytesIO(delivered)
            number = int.from_bytes(content.read(_NUMBER_SIZE), "big")
            self._early[number] = partial(self._shared.read, content)
        else:
            taken = self._numbers.take()
            if taken is None:
                self._are_all_taken = True
                return
            self._early[taken] = self._computed(taken)
        self._numbers.add()

    def _computed(self, number: int) -> Callable[[], _Result]:
        """Compute a part, and return a function that returns its result, or raises its exception when it is due."""
        try:
            result = self._part(number)
        except Exception as error:  # noqa: BLE001 -- it is raised after the results before it
            return partial(_raise, error)
        return lambda: result


def _raise(error: Exception) -> NoReturn:
    raise error


def _received(receiving: Connection) -> bytes | None:
    """Return the next part of the other process, or None if it delivers no more."""
    try:
        return receiving.recv_bytes()
    except (EOFError, OSError):
        return None
