"""The sizes of the benchmark inputs: full, or a hundredth with `python -m bench --small`, to test the benchmarks."""

from __future__ import annotations

import os
from math import log

SMALL = "TASKROLE_BENCH_SMALL"


def sized(number: int) -> int:
    """Return the size to measure for a full size."""
    return max(number // 100, 3) if os.environ.get(SMALL) else number


def repeated(times: int) -> int:
    """Return the number of runs for a full number."""
    return 1 if os.environ.get(SMALL) else times


def exponent(small: tuple[int, float], large: tuple[int, float]) -> str:
    """Return the exponent of the growth of a cost, from two sizes with their costs: 1.00 is proportional."""
    return f"{log(large[1] / small[1]) / log(large[0] / small[0]):.2f}"
