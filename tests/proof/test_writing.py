"""Tests killed and concurrent writers: files stay complete. `make prove` runs every call and more rounds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run(module: str, *arguments: str) -> str:
    """Run a part of the proof in its own process, since it forks."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.proof.{module}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_a_command_killed_while_it_writes_leaves_complete_files_and_the_state() -> None:
    lines = run("kill_points", "--share", "0.14").splitlines()

    assert len(lines) == 12
    assert all(line.endswith(", 0 wrong") for line in lines)


def test_two_exports_into_the_same_folder_lose_nothing() -> None:
    assert run("two_writers", "export", "10") == "export: 10 rounds, 0 wrong\n"
