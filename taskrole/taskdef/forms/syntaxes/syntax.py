"""What a syntax is: whether a file's bytes are in it, and its parser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taskrole.reading import LARGEST_FILE


@dataclass(frozen=True)
class Syntax:
    """One syntax: what it is called, whether bytes that begin like this are in it, and its parser.

    `parse` takes a file's bytes and what messages call it, and raises InputError. It is asked for files of `least` to
    `largest` bytes. Of a syntax that is not `strict`, a file that cannot be parsed may be anything at all.
    """

    name: str
    recognises: Callable[[bytes], bool]
    parse: Callable[[bytes, str], Any]
    least: int = 0
    largest: int = LARGEST_FILE
    strict: bool = True
