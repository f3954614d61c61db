"""What goes wrong, as data: every error of the project carries its exit code and prints one good line.

Exit codes: 0 fine, 1 usage or input error, 2 changes found (only with --detailed-exitcode),
3 blocked, 4 unresolved under --strict.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

INPUT_ERROR = 1
BLOCKED = 3
UNRESOLVED = 4

LONGEST_VALUE_SHOWN = 80

_WORD = re.compile(r"[^\s\"']+")


@dataclass(frozen=True, order=True)
class Place:
    """Where a problem stands: a file, a line and column counted from 1 (0: unknown), a path of keys in it."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        position = f":{self.line}:{self.column}" if self.line else ""
        return printable(f"{self.file}{position}")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with an input: where, which rule, which value, what to do instead."""

    place: Place
    message: str

    def __str__(self) -> str:
        path = f" {printable(self.place.path)}:" if self.place.path else ""
        return f"{self.place}:{path} {printable(self.message)}"


class TaskroleError(Exception):
    """The base of the project's errors; its text is one line for a person."""

    exit_code = INPUT_ERROR


class InputError(TaskroleError):
    """An input that breaks rules: all its problems at once, one line each, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.place, problem.message)))
        super().__init__("\n".join(map(str, self.problems)))


def refusal(path: object, message: str) -> InputError:
    """Return the error that names a path and says what is wrong with it."""
    return InputError([Problem(Place(str(path)), message)])


class ToolError(TaskroleError):
    """A program or service that taskrole needs is missing, too old, or does not answer."""


def printable(text: str) -> str:
    """Return text that a terminal shows as it is: control, bidirectional and surrogate characters escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character == " " or (character.isprintable() and unicodedata.category(character) != "Cf")
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def shown(value: object) -> str:
    """Return a value as a message quotes it: escaped, without credentials of a URL, and cut after 80 characters."""
    text = without_credentials(repr(value) if isinstance(value, str) else str(value))
    return text if len(text) <= LONGEST_VALUE_SHOWN else f"{text[: LONGEST_VALUE_SHOWN - 1]}…"


def without_credentials(text: str) -> str:
    """Return text with the credentials of each URL in it, `user:password@`, replaced by `…@`."""
    if "://" not in text or "@" not in text:
        return text
    return _WORD.sub(lambda word: _masked(word.group()), text)


def _masked(word: str) -> str:
    scheme, separator, rest = word.partition("://")
    # A password may hold a slash or an @ of its own, which is wrong and still nobody's to read.
    credentials, at, host = rest.rpartition("@")
    return f"{scheme}{separator}…@{host}" if at and (":" in credentials or "/" not in credentials) else word
