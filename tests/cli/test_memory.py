"""Tests that a command exits without garbage collection."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cli.running import ROOT


@pytest.mark.parametrize("arguments", [("--version",), ("validate", "no-such-file")])
def test_a_command_exits_without_a_search_for_cycles_in_all_its_objects(arguments: tuple[str, ...]) -> None:
    program = (
        "import atexit, gc, sys; from taskrole.cli import main;"
        "atexit.register(lambda: print(len(gc.get_objects()), file=sys.stderr)); main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    searched = int(done.stderr.splitlines()[-1])
    assert searched < 100
