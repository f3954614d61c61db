"""The number of generated cases in tests: a third of the full number, and all in `make prove`."""

from __future__ import annotations

import os

VARIABLE = "TASKROLE_TESTS_WHOLE"
# Smaller numbers are not divided.
_FEW = 10


def amount(whole: int) -> int:
    """Return the number of cases; `make prove` tests the full number."""
    return whole if os.environ.get(VARIABLE) == "1" else max(min(whole, _FEW), whole // 3)
