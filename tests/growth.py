"""Measures how work grows with its input in calls of functions, independent of the load of the machine."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log


def exponents(work: Callable[[int], object], sizes: Sequence[int]) -> list[float]:
    """Return for each size after the first the exponent of the growth of work: 1 is proportional.

    One-time loading and caches do not count: the largest size is run first.
    """
    work(sizes[-1])
    counted = [calls(lambda size=size: work(size)) for size in sizes]
    return [
        log(more / fewer) / log(larger / smaller)
        for (smaller, larger), (fewer, more) in zip(pairwise(sizes), pairwise(counted), strict=True)
    ]


def calls(work: Callable[[], object]) -> int:
    """Return the number of function calls of a piece of work, built-in functions included."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def calls_of(function: Callable[..., object], work: Callable[[], object]) -> int:
    """Return the number of calls of a Python function by a piece of work."""
    profile = cProfile.Profile()
    profile.runcall(work)
    code = function.__code__
    stats = pstats.Stats(profile).stats.get((code.co_filename, code.co_firstlineno, code.co_name))  # type: ignore[attr-defined]
    return int(stats[1]) if stats else 0
