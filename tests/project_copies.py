"""Copies of the project with a few lines more, as a contributor adds them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
_COPIED = ("taskrole", "taskrole_cdktf", "stacks", "tools", "main.py", "roles.yaml")


def copy_project(root: Path, insertions: Mapping[str, Mapping[str, str]]) -> None:
    """Copy the program to a folder; `insertions` are the lines to add after a line, by file."""
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    for name, added in insertions.items():
        text = (root / name).read_text("utf-8")
        for line, lines in added.items():
            assert text.count(f"{line}\n") == 1, (name, line)
            text = text.replace(f"{line}\n", f"{line}\n{lines}\n")
        (root / name).write_text(text, encoding="utf-8")


def run_copy(root: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder with a copy of the project."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
        capture_output=True,
        text=True,
    )
