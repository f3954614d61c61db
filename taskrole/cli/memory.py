"""Garbage collection of commands that read, print and exit, and at the exit of all."""

from __future__ import annotations

import gc


def keep_all_objects() -> None:
    """Look for no cycles any more: what is read stays until the end, so that each search is long and finds nothing.

    What nothing refers to is freed at once all the same. Not for commands that run on, or that ask AWS: boto3's
    objects refer to one another.
    """
    gc.disable()


def skip_cycles_at_exit() -> None:
    """Exclude all objects from the search for cycles that Python makes at exit: up to a tenth of a command's time.

    The process ends and frees its memory as a whole. What nothing refers to is freed as usual, files included.
    """
    gc.freeze()
