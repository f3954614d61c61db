"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from taskrole.errors import InputError, Place, Problem


def write_beside(path: Path, text: str) -> None:
    """Write a text file beside its place and move it there, so that nobody ever reads half of it.

    Raises InputError when the folder or file cannot be written.
    """
    temporary: str | None = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError([Problem(Place(str(path)), f"cannot be written: {error.strerror}")]) from error
