"""Shows that a test has its results from two processes, not from one that does all."""

from __future__ import annotations

import os
import sys

import pytest

from taskrole import two_processes


class OtherProcess:
    """Records the parts that another process delivers; None for one that it does not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.delivered: list[bytes | None] = []
        receive = two_processes._received
        monkeypatch.setattr(
            two_processes, "_received", lambda stream: self.delivered.append(receive(stream)) or self.delivered[-1]
        )
        # Threads that earlier tests left would prevent another process.
        monkeypatch.setattr(two_processes.threading, "active_count", lambda: 1)

    def assert_delivered(self, *, least: int = 1) -> None:
        """Assert that it has delivered all of its parts, if this machine allows another process."""
        if sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1:
            assert len(self.delivered) >= least
            assert all(self.delivered)
