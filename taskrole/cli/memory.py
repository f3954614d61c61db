"""Garbage collection of commands that read, print and exit."""

from __future__ import annotations

import gc


def keep_all_objects() -> None:
    """Look for no cycles any more: what is read stays until the end, so that each search is long and finds nothing.

    What nothing refers to is freed at once all the same. Not for commands that run on, or that ask AWS: boto3's
    objects refer to one another.
    """
    gc.disable()
