"""A display that records its calls."""

from __future__ import annotations


class Recorder:
    """Calls in order: activity, done and total, or `clear`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, int] | str] = []

    def show(self, activity: str, done: int, total: int) -> None:
        self.calls.append((activity, done, total))

    def clear(self) -> None:
        self.calls.append("clear")
