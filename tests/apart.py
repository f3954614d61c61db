"""Reports whether each test starts its own processes: `TASKROLE_TESTS_APART=1`.

Tests share processes that are slow to start and keep no state: an interpreter with taskrole's modules
(`tests/forked.py`) and an AWS provider (`tests/e2e/shared_provider.py`). To rule them out as the cause of a failure,
run apart.
"""

from __future__ import annotations

import os

VARIABLE = "TASKROLE_TESTS_APART"


def runs_apart() -> bool:
    return os.environ.get(VARIABLE) == "1"
