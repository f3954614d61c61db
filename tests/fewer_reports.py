"""Reports a passed test of a process of pytest-xdist in one message, which `conftest.py` registers there.

xdist sends a message when a test starts and ends, and for its setup, call and teardown. Writing and reading five
messages takes longer than most tests, so only the call is sent, and what did not pass.
"""

from __future__ import annotations

import pytest
from _pytest.runner import runtestprotocol


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process runs tests for another one, which reports their results."""
    return hasattr(config, "workerinput")


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    # --durations lists setups and teardowns, too.
    if item.config.getoption("durations") is not None:
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True
