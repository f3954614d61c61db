"""Tests that no input is slow, by counts of steps, which are the same on every machine."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from taskrole.cli import _taskrole
from taskrole.cli.last_resort import run
from tests.growth import calls
from tests.proof.slow_inputs import MOST_MEGABYTES, SLOW_INPUTS, SlowInput, too_slow


@pytest.mark.parametrize("name", [name for name, slow_input in SLOW_INPUTS.items() if slow_input.few])
def test_steps_grow_in_proportion_to_the_size(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    slow = SLOW_INPUTS[name]
    steps(slow, 1)  # reads the tables that every run needs

    none, few, many = (steps(slow, size) for size in (1, slow.few, 3 * slow.few))

    # Proportional would be twice as much; a comparison of all pairs, eight times.
    assert many - few < 4 * (few - none)
    assert not slow.each or many - few < slow.each * 2 * slow.few


def test_the_table_is_measured_in_processes() -> None:
    assert list(too_slow("a task definition of nested lists")) == []


def test_the_memory_of_the_measuring_process_is_not_counted() -> None:
    ours = bytearray(2 * MOST_MEGABYTES << 20)
    ours[:: 4 << 10] = b"x" * len(ours[:: 4 << 10])  # each page is in use

    assert list(too_slow("a task definition of nested lists")) == []


def steps(slow: SlowInput, size: int) -> int:
    """Return the number of calls of functions for an input of a size."""
    for file, text in slow.files(size).items():
        Path(file).write_text(text, "utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return calls(
            lambda: run(lambda: _taskrole.main(list(slow.arguments), prog_name="taskrole", standalone_mode=False) or 0)
        )
