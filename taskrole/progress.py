"""How far a loop is: long loops report it, and the command line shows it to whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

_Item = TypeVar("_Item")


class Display(Protocol):
    """Where progress is shown."""

    def show(self, activity: str, done: int, total: int) -> None:
        """Take note that so many items of a loop are done."""

    def clear(self) -> None:
        """Take away what is shown: the loop is over."""


_display: ContextVar[Display | None] = ContextVar("progress_display", default=None)


@contextmanager
def progress_on(display: Display) -> Iterator[None]:
    """Show the progress of loops within this context."""
    token = _display.set(display)
    try:
        yield
    finally:
        _display.reset(token)
        display.clear()


def tracked(items: Sequence[_Item], activity: str) -> Iterator[_Item]:
    """Yield items, and report how many are done of what `activity` says (`reading task definitions`).

    A loop within another one reports nothing.
    """
    with reporting(activity, len(items)) as report:
        for done, item in enumerate(items):
            report(done)
            yield item


@contextmanager
def reporting(activity: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that reports how many items are done, for work that is not done item by item.

    Work within another loop reports nothing.
    """
    display = _display.get()
    if display is None or total < 2:
        yield lambda _: None
        return
    token = _display.set(None)
    try:
        yield lambda done: display.show(activity, done, total)
    finally:
        _display.reset(token)
        display.clear()
