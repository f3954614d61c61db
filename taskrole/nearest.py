"""The known names most similar to an unknown name, for "did you mean …?".

Comparing spellings is slow. So that a file with thousands of unknown names is processed in time, names and lists are
cut, and the command line limits the number of hints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice

MOST_HINTS = 25  # of the command line, for one verb
_LONGEST = 100  # characters of a mistyped name
_MOST_KNOWN = 5_000

# The number of hints left; None for no limit.
_left: ContextVar[list[int] | None] = ContextVar("hints_left", default=None)


@contextmanager
def limited_hints(most: int = MOST_HINTS) -> Iterator[None]:
    """Limit the number of hints in this context; `nearest` then returns nothing."""
    token = _left.set([most])
    try:
        yield
    finally:
        _left.reset(token)


def nearest(name: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return the known names most similar to a name, the most similar first, or none.

    `cutoff` is the required similarity, from 0 to 1. For a name that is too long, none are returned.
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
    # Imported late: most names are known.
    import difflib

    return tuple(difflib.get_close_matches(name, known, n=most, cutoff=cutoff))
