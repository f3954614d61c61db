"""How large the inputs of the bench are: whole, or a hundredth with `python -m bench --small`, to see that it works."""

from __future__ import annotations

import os
from math import log

SMALL = "TASKROLE_BENCH_SMALL"


def sized(number: int) -> int:
    """Return the size to measure in the place of a whole one."""
    return max(number // 100, 3) if os.environ.get(SMALL) else number


def repeated(times: int) -> int:
    """Return how often to run what is run so often in a whole bench."""
    return 1 if os.environ.get(SMALL) else times


def exponent(small: tuple[int, float], large: tuple[int, float]) -> str:
    """Return the power of the size that a cost grows by, from two sizes with their costs: 1.00 is in proportion."""
    return f"{log(large[1] / small[1]) / log(large[0] / small[0]):.2f}"
