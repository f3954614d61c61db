"""What is measured is the process itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.processes import run


def test_the_memory_of_a_process_is_not_that_of_the_one_that_measures_it() -> None:
    ballast = bytearray(b"x") * 300_000_000

    cost = run([sys.executable, "-c", "pass"])

    assert len(ballast) / 1e6 > 300 - 1
    assert 1 < cost.megabytes < 100
    assert 0 < cost.seconds < 30


def test_a_command_that_fails_is_not_measured() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run([sys.executable, "-c", "raise SystemExit(3)"])

    assert caught.value.returncode == 3
