"""Names of unfinished files and folders next to a target, and recovery after a killed process.

Called only by the one writer of the target's folder, so that none of them is still in use.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from taskrole.errors import refusal

# Names used by earlier versions: `.NAME.old.abcd1234`.
_EARLIER_OLD = r"\.old\.[a-z0-9_]{8}"


def beside(target: Path, role: Literal["file", "private", "new", "old"]) -> Path:
    """Return a free hidden path next to a target, named after it."""
    while True:
        path = target.with_name(f".{target.name}.taskrole-{role}-{secrets.token_hex(4)}")
        if not os.path.lexists(path):
            return path


def remove_unfinished_files(folder: Path) -> None:
    """Remove the files that killed writers left in a folder."""
    for path in folder.glob(".*.taskrole-file-????????"):
        with contextlib.suppress(OSError):
            path.unlink()


def recover_folder(folder: Path, target: Path, kept_files: Callable[[Path], Iterator[str]]) -> None:
    """Restore a folder that a killed writer had moved aside, and remove other leftovers next to it.

    `kept_files` yields the relative paths of files that must never be lost, such as Terraform's state. Raises
    InputError if a leftover contains one of these that the folder does not contain.
    """
    old = sorted(path for path in _left(target, rf"\.taskrole-old-[0-9a-f]{{8}}|{_EARLIER_OLD}") if path.is_dir())
    new = sorted(path for path in _left(target, r"\.taskrole-new-[0-9a-f]{8}") if path.is_dir())
    if old and not os.path.lexists(target):
        if len(old) > 1:
            listed = ", ".join(map(str, old))
            raise refusal(
                folder, f"is missing, and several folders may be its former content: {listed}; rename the right one"
            )
        old.pop().rename(target)
    for leftover in (*old, *new):
        missing = [name for name in kept_files(leftover) if not os.path.lexists(target / name)]
        if missing:
            message = (
                f"an interrupted export left {missing[0]} in {leftover}; move it to {folder}, or remove {leftover}"
            )
            raise refusal(folder, message)
        remove_tree(leftover)


def remove_tree(folder: Path) -> None:
    """Remove one of taskrole's own folders; contents that cannot be removed are left for the next time."""
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
    for place, folders, _ in os.walk(folder):
        for path in (Path(place) / name for name in folders):
            if not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _left(target: Path, endings: str) -> list[Path]:
    pattern = re.compile(rf"\.{re.escape(target.name)}(?:{endings})")
    return [path for path in target.parent.iterdir() if pattern.fullmatch(path.name)]
