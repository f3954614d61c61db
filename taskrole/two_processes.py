"""Processes parts of a large task in two processes, with results in order and few of them in memory."""

from __future__ import annotations

import gc
import io
import os
import pickle
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from taskrole.progress import reporting

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# A second process is slower for fewer items, and tests count calls below this number.
_MANY = 300
_AT_ONCE = 25

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_groups(
    items: Sequence[_Item],
    work: Callable[[Sequence[_Item]], _Result],
    activity: str,
    shared: Callable[[], Sequence[object]] = tuple,
) -> Iterator[_Result]:
    """Yield the results of `work` on groups of items, in order; for few items, on single items in this process.

    `activity` is displayed as progress. `shared` returns objects that the other process sends by reference; those of
    built-in types are copied all the same.
    """
    is_long = len(items) >= _MANY
    size = _AT_ONCE if is_long else 1
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
    """Yield `part(0)`, `part(1)` … up to `count`; a forked process computes every second one.

    Results are copied from the other process, except objects of `shared`, which it sends by number; those of built-in
    types are copied all the same. Without a second core or fork, this process computes all parts. It also computes
    parts that the other one does not deliver, so that their exceptions are raised here; it computes all further parts
    once a result cannot be pickled. Output and changes of a part in the other process are lost.
    """
    if count < 2 or not _can_fork():
        yield from map(part, range(count))
        return
    # Imported late: a small plan is reviewed in less time with one process and without this.
    from multiprocessing.connection import Pipe

    receiving, sending = Pipe(duplex=False)
    gc.freeze()  # Otherwise, both processes would copy the memory that they share.
    child = os.fork()
    if child == 0:
        receiving.close()
        _deliver(part, range(1, count, 2), sending, shared)
    sending.close()
    try:
        for number in range(count):
            delivered = _received(receiving) if number % 2 else None
            yield part(number) if delivered is None else _Copies(delivered, shared).load()
    finally:
        # The other process ends if it has more to deliver.
        receiving.close()
        os.waitpid(child, 0)
        gc.unfreeze()


def _can_fork() -> bool:
    # On macOS, system libraries do not support fork; on all systems, locks of other threads do not.
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _deliver(part: Callable[[int], object], numbers: range, sending: Connection, shared: Sequence[object]) -> None:
    """Send parts, and end this process without the parent's clean-up."""
    code = 1
    try:
        by_id = {id(known): number for number, known in enumerate(shared)}
        for number in numbers:
            content = io.BytesIO()
            _Originals(content, by_id).dump(part(number))
            sending.send_bytes(content.getbuffer())
        code = 0
    finally:
        os._exit(code)


class _Originals(pickle.Pickler):
    """Pickles a result with numbers in place of shared objects."""

    def __init__(self, file: io.BytesIO, by_id: Mapping[int, int]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._by_id = by_id

    # Unlike persistent_id, it is not called for each text and tuple, which would take as long as the rest.
    def reducer_override(self, obj: object) -> Any:
        number = self._by_id.get(id(obj))
        if number is not None:
            return _shared_object, (number,)
        return (_read_only, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


def _read_only(mapping: dict[Any, Any]) -> Mapping[Any, Any]:
    """Return a read-only mapping, which Python cannot pickle."""
    return MappingProxyType(mapping)


def _shared_object(number: int) -> object:
    """Stand for a shared object in a pickle; `_Copies` finds the object itself."""
    raise LookupError(number)


class _Copies(pickle.Unpickler):
    """Unpickles a result of the forked process."""

    def __init__(self, content: bytes, shared: Sequence[object]) -> None:
        super().__init__(io.BytesIO(content))
        self._shared = shared

    def find_class(self, module: str, name: str) -> Any:
        named = super().find_class(module, name)
        return self._shared.__getitem__ if named is _shared_object else named


def _received(receiving: Connection) -> bytes | None:
    """Return the next part of the other process, or None if it delivers no more."""
    try:
        return receiving.recv_bytes()
    except (EOFError, OSError):
        return None
