"""How work grows with its input, counted in calls of functions, which no other work on the machine makes more."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log


def exponents(work: Callable[[int], object], sizes: Sequence[int]) -> list[float]:
    """Return for each size after the first the power of the size that work grows by: 1 is in proportion.

    What is loaded once, or remembered of a text, does not count: the largest size is done before.
    """
    work(sizes[-1])
    counted = [calls(lambda size=size: work(size)) for size in sizes]
    return [
        log(more / fewer) / log(larger / smaller)
        for (smaller, larger), (fewer, more) in zip(pairwise(sizes), pairwise(counted), strict=True)
    ]


def calls(work: Callable[[], object]) -> int:
    """Return how many functions a piece of work calls, built-in ones included."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def calls_of(function: Callable[..., object], work: Callable[[], object]) -> int:
    """Return how often a piece of work calls a function written in Python."""
    profile = cProfile.Profile()
    profile.runcall(work)
    code = function.__code__
    stats = pstats.Stats(profile).stats.get((code.co_filename, code.co_firstlineno, code.co_name))  # type: ignore[attr-defined]
    return int(stats[1]) if stats else 0
