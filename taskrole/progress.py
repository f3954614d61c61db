"""Progress of long loops, which the command line displays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

_Item = TypeVar("_Item")


class Display(Protocol):
    """A display of progress."""

    def show(self, activity: str, done: int, total: int) -> None:
        """Report the number of finished items of a loop."""

    def clear(self) -> None:
        """Remove the display at the end of a loop."""


_display: ContextVar[Display | None] = ContextVar("progress_display", default=None)


@contextmanager
def progress_on(display: Display) -> Iterator[None]:
    """Display the progress of loops in this context."""
    token = _display.set(display)
    try:
        yield
    finally:
        _display.reset(token)
        display.clear()


def tracked(items: Sequence[_Item], activity: str) -> Iterator[_Item]:
    """Yield items, and report the number finished of an `activity` (`reading task definitions`).

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
