"""Measures how work grows with its input in calls of functions, independent of the load of the machine."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from math import log

# With these, a part that grows with the square of the input fails from a tenth of all calls on. Fewer than two processes
# share, since calls of the other process are not counted.
SIZES = (10, 30, 90)
LIMIT = 1.07


def growth(work: Callable[[int], object], sizes: tuple[int, int, int] = SIZES) -> float:
    """Return the exponent of the growth of work, from what more input costs: 1 is proportional.

    Calls independent of the size do not count, nor do one-time loading and caches: the largest size is run first.
    """
    small, middle, large = sizes
    work(large)
    few, some, many = (calls(lambda size=size: work(size)) for size in sizes)
    first, second = (some - few) / (middle - small), (many - some) / (large - middle)
    return 1 + log(second / first) / log(large / middle)


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
