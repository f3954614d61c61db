"""Syntaxes of files: detection and parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.reading import LARGEST_FILE


@dataclass(frozen=True)
class Syntax:
    """A syntax: its name, a test for a file's first bytes, and its parser.

    `parse` takes a file's bytes and its name in messages, and raises InputError. It is used for files of `least` to
    `largest` bytes. If the syntax is not `strict`, a file that cannot be parsed may be of any kind.
    """

    name: str
    recognizes: Callable[[bytes], bool]
    parse: Callable[[bytes, str], Any]
    least: int = 0
    largest: int = LARGEST_FILE
    strict: bool = True
