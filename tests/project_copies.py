"""Copies of the project with a few lines more, as a contributor adds them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
_COPIED = ("taskrole", "taskrole_cdktf", "stacks", "tools", "main.py", "roles.yaml")


def copy_code(root: Path, names: Iterable[str] = _COPIED) -> None:
    """Copy files and folders of the project to a folder.

    The times of files are kept, so that Python uses the compiled modules, which are copied, too.
    """
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name)
        else:
            shutil.copy2(ROOT / name, root / name)


def copy_project(root: Path, insertions: Mapping[str, Mapping[str, str]]) -> None:
    """Copy the program to a folder; `insertions` are the lines to add after a line, by file."""
    copy_code(root)
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
