"""Creates folders, removes files and opens logs, with one-line errors."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from taskrole.errors import refusal
from taskrole.files.errors import write_errors
from taskrole.system import O_NOFOLLOW, O_NONBLOCK


def make_folder(path: Path, *, private: bool = False) -> None:
    """Create a folder and its parents, unless they exist; `private` restricts it to its owner. Raises InputError."""
    with write_errors(path):
        path.mkdir(0o700 if private else 0o777, parents=True, exist_ok=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new folder that only its owner can access, and remove it with its contents. Raises InputError."""
    place = Path(tempfile.gettempdir())
    with write_errors(place):
        made = tempfile.TemporaryDirectory(prefix="taskrole-", ignore_cleanup_errors=True)
    with made as name:
        yield Path(name)


@contextmanager
def temporary_file() -> Iterator[FileIO]:
    """Yield an unnamed temporary file without a buffer, to which `append` writes. Raises InputError."""
    with write_errors(Path(tempfile.gettempdir())):
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- closed below
    with file:
        yield file


def append(file: FileIO, content: bytes) -> None:
    """Write all bytes to a temporary file at its position. Raises InputError."""
    left = memoryview(content)
    with write_errors(Path(tempfile.gettempdir())):
        while left:
            left = left[file.write(left) :]


def write_temporary(path: Path, content: bytes) -> None:
    """Write a file in a private temporary folder. Raises InputError."""
    with write_errors(path):
        path.write_bytes(content)


def remove_file(path: Path) -> None:
    """Remove a file or link, if it exists. Raises InputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(path, f"cannot be removed: {error.strerror or error}") from error


def remove_empty_folder(path: Path) -> bool:
    """Remove a folder if it is empty; return whether it was."""
    try:
        path.rmdir()
    except OSError:
        return False
    return True


def open_log(path: Path) -> BinaryIO:
    """Return an emptied file for the output of a process, to be closed by the caller; links are not followed.

    Only its owner can read it. Raises InputError.
    """
    with write_errors(path):
        flags = O_NOFOLLOW | O_NONBLOCK
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | flags, 0o600), "wb")
