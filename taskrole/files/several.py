"""Writes several new files: all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from taskrole.files.errors import write_errors
from taskrole.files.write import create


def create_all(files: Mapping[Path, str]) -> None:
    """Write files that do not exist, and their parent folders. After an error, files already written are removed.

    Raises ChangedError if one exists, InputError if one cannot be written.
    """
    created: list[Path] = []
    folders: list[Path] = []
    try:
        for path, text in files.items():
            missing = [folder for folder in path.parents if not folder.exists()]
            for folder in reversed(missing):
                with write_errors(folder):
                    folder.mkdir()
                folders.append(folder)
            create(path, text)
            created.append(path)
    except BaseException:
        with contextlib.suppress(OSError):
            for path in reversed(created):
                path.unlink()
            for folder in reversed(folders):
                folder.rmdir()
        raise
