"""How far a loop is: long loops report it, and the command line shows it to whoever waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    display = _display.get()
    if display is None or len(items) < 2:
        yield from items
        return
    token = _display.set(None)
    try:
        for done, item in enumerate(items):
            display.show(activity, done, len(items))
            yield item
    finally:
        _display.reset(token)
        display.clear()
