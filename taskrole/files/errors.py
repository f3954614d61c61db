"""Errors when writing: always one line that names the path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskrole.errors import InputError, Place, Problem, refusal


class ChangedError(InputError):
    """Another program changed a file or folder between reading and writing it; nothing was overwritten."""

    def __init__(self, path: Path) -> None:
        super().__init__([Problem(Place(str(path)), "was changed meanwhile by another program; run the command again")])


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Convert every file system error to an InputError that names the path."""
    try:
        yield
    except OSError as error:
        raise refusal(path, f"cannot be written: {error.strerror or error}") from error
    except ValueError as error:
        # The path contains a NUL character, or one that the file system's encoding does not support.
        raise refusal(path, f"cannot be written: {error}") from error
