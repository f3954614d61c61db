"""Whether each test starts all that it runs by itself: `TASKROLE_TESTS_APART=1`.

Tests share what is costly to start and keeps nothing of theirs: an interpreter with taskrole's modules
(`tests/forked.py`) and an AWS provider (`tests/e2e/shared_provider.py`). Where one of them is suspected, run apart.
"""

from __future__ import annotations

import os

VARIABLE = "TASKROLE_TESTS_APART"


def runs_apart() -> bool:
    return os.environ.get(VARIABLE) == "1"
