"""How many cases a test of generated ones looks at: a third of the whole number, and all of them in `make prove`."""

from __future__ import annotations

import os

VARIABLE = "TASKROLE_TESTS_WHOLE"
# Fewer than this are never divided: they would show nothing.
_FEW = 10


def amount(whole: int) -> int:
    """Return how many cases to look at where the whole number is asked for in a proof."""
    return whole if os.environ.get(VARIABLE) == "1" else max(min(whole, _FEW), whole // 3)
