"""Runs a function for each account, several at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from taskrole.live.fleet.accounts import Target

_Result = TypeVar("_Result")


def each_account(
    targets: Sequence[Target], work: Callable[[Target], _Result], at_once: int, stop: threading.Event
) -> Generator[_Result]:
    """Yield the result of `work` for each account as it finishes; an account is begun only when there is room for it.

    After an error, which is raised, or when the generator is closed, `stop` is set and no more accounts are begun.
    """
    waiting = iter(targets)
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="account")
    running: set[Future[_Result]] = set()
    try:
        while True:
            while len(running) < at_once and (target := next(waiting, None)):
                running.add(pool.submit(copy_context().run, work, target))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
