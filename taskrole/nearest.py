"""The known names that are spelled most like one that is not known: "did you mean …?".

Comparing spellings is slow. A file with thousands of unknown names still gets an answer in time: texts and lists are
cut, and the command line gives a number of hints only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice

MOST_HINTS = 25  # of the command line, for one verb
_LONGEST = 100  # characters of a name that anybody mistyped
_MOST_KNOWN = 5_000

# How many hints may still be given; None for any number.
_left: ContextVar[list[int] | None] = ContextVar("hints_left", default=None)


@contextmanager
def limited_hints(most: int = MOST_HINTS) -> Iterator[None]:
    """Give at most so many hints within this context: for all other names there are none."""
    token = _left.set([most])
    try:
        yield
    finally:
        _left.reset(token)


def nearest(name: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return the known names that are spelled most like a name, the nearest first; none where none comes near.

    `cutoff` is how like they must be, from 0 to 1. None are returned for a name that is too long, either.
    """
    if len(name) > _LONGEST:
        return []
    return list(_nearest(name, tuple(islice(known, _MOST_KNOWN)), most, cutoff)) if _may_ask() else []


def _may_ask() -> bool:
    left = _left.get()
    if left is None:
        return True
    left[0] -= 1
    return left[0] >= 0


@lru_cache(maxsize=1_024)
def _nearest(name: str, known: tuple[str, ...], most: int, cutoff: float) -> tuple[str, ...]:
    # Only now: most names are right.
    import difflib

    return tuple(difflib.get_close_matches(name, known, n=most, cutoff=cutoff))
