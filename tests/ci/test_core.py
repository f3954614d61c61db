"""Tests that the comparison of the Windows job passes here, and fails on other output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def core(root: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", str(root / ".ci/core")], env=environment, capture_output=True, text=True, check=False
    )


def test_the_verbs_print_the_expected_output() -> None:
    done = core(ROOT)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("taskrole ") == 3


def test_the_comparison_fails_on_other_output(tmp_path: Path) -> None:
    for name in (".ci", "examples/service", "tests/expected/cli"):
        shutil.copytree(ROOT / name, tmp_path / name)
    with (tmp_path / "tests/expected/cli/derive_web.json").open("a") as file:
        file.write("more")

    assert core(tmp_path).returncode == 1
