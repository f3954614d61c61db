"""A large file without content."""

from __future__ import annotations

from pathlib import Path


def write_gigabyte(path: Path) -> None:
    """Write a sparse file of a gigabyte."""
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
