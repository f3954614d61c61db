"""Shows progress as one line on standard error, such as `checking roles: 310 of 1,000, 62/s, 11 s left`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from taskrole.progress import progress_on

FIRST = 2.0  # Seconds before progress is shown.
_BETWEEN = 0.2


@contextmanager
def terminal_progress() -> Iterator[None]:
    """Show the progress of operations in this context: on a terminal, two seconds after their start, unless quiet."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    with progress_on(_StatusLine()):
        yield


class _StatusLine:
    """Imports the output modules with the first line, since most commands end before that."""

    def __init__(self) -> None:
        self._next = time.monotonic() + FIRST
        self._activity = ""
        self._started = 0.0
        self._is_shown = False

    def show(self, activity: str, done: int, total: int) -> None:
        now = time.monotonic()
        if activity != self._activity:
            self._activity, self._started = activity, now
        if now < self._next:
            return
        from taskrole.output.console import is_quiet, show_status

        self._next = now + _BETWEEN
        if not is_quiet():
            self._is_shown = True
            show_status(progress_line(activity, done, total, now - self._started))

    def clear(self) -> None:
        self._activity = ""
        if self._is_shown:
            from taskrole.output.console import clear_status

            self._is_shown = False
            clear_status()


def progress_line(activity: str, done: int, total: int, seconds: float) -> str:
    """Return a line with the progress of an activity: count, rate and remaining time, if known."""
    line = f"{activity}: {done:,} of {total:,}"
    if not done or seconds <= 0:
        return line
    rate = done / seconds
    left = _time((total - done) / rate)
    return f"{line}, {rate:,.0f}/s, {left} left" if rate >= 1 else f"{line}, {left} left"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
