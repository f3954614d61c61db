"""Measures how work grows with its input in calls of functions, independent of the load of the machine."""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections import Counter
from collections.abc import Callable
from math import log
from types import CodeType, FrameType
from typing import Any

# With these sizes, quadratic growth fails if it causes a tenth of all calls. They are too small for a second process,
# whose calls are not counted.
SIZES = (10, 30, 90)
LIMIT = 1.07


def growth(work: Callable[[int], object], sizes: tuple[int, int, int] = SIZES) -> float:
    """Return the exponent of the growth of work, from the additional cost of more input: 1 is proportional.

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


def steepest(work: Callable[[int], object], part: str, sizes: tuple[int, int] = (20, 60)) -> tuple[float, str]:
    """Return the exponent and name of the function in `part` of a path whose executed lines grow most with the input.

    A loop counts its rounds, a comprehension too. This finds what is too small a part of all calls for `growth`, at
    several times the cost. Functions with fewer lines than the larger input has items are left out.
    """
    work(sizes[-1])
    fewer, more = (executed_lines(lambda size=size: work(size), part) for size in sizes)
    ratio = log(sizes[1] / sizes[0])
    grown = [
        (log(count / fewer.get(code, 1)) / ratio, f"{code.co_filename}:{code.co_firstlineno} {code.co_name}")
        for code, count in more.items()
        if count > sizes[1]
    ]
    return max(grown)


def executed_lines(work: Callable[[], object], part: str) -> Counter[CodeType]:
    """Return how many lines each function executes whose file has `part` in its path."""
    lines: Counter[CodeType] = Counter()

    def count(frame: FrameType, event: str, _: object) -> Any:
        lines[frame.f_code] += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(lambda frame, _, __: count if part in frame.f_code.co_filename else None)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


def calls_of(function: Callable[..., object], work: Callable[[], object]) -> int:
    """Return the number of calls of a Python function by a piece of work."""
    profile = cProfile.Profile()
    profile.runcall(work)
    code = function.__code__
    stats = pstats.Stats(profile).stats.get((code.co_filename, code.co_firstlineno, code.co_name))  # type: ignore[attr-defined]
    return int(stats[1]) if stats else 0
