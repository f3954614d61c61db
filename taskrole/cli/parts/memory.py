"""Garbage collection settings: for commands that read, print and exit, and for the exit of all commands."""

from __future__ import annotations

import gc


def keep_all_objects() -> None:
    """Disable the search for cycles: input stays in memory until the end, so each search is slow and finds nothing.

    Unreferenced objects are still freed immediately. Not for commands that keep running or that call AWS, since
    boto3's objects form reference cycles.
    """
    gc.disable()


def skip_cycles_at_exit() -> None:
    """Exclude all objects from Python's search for cycles at exit, which takes up to a tenth of a command's time.

    The process ends and releases its memory as a whole. Unreferenced objects, such as files, are freed as usual.
    """
    gc.freeze()
