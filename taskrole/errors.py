"""The errors of taskrole, each with its exit code and a line per problem; `quote` shows a value in a message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from taskrole.dataclass import dataclass
from taskrole.exit_codes import INPUT_ERROR

LONGEST_QUOTE = 80  # characters of a value in a message; reports have limits of their own in output/
# Keys are written by users, or by AWS: a path of keys can have any length.
_LONGEST_PATH = 500

_WORD = re.compile(r"[^\s\"']+")


@dataclass(frozen=True, order=True)
class Place:
    """The place of a problem: a file, a line and column from 1 (0: unknown), and a path of keys in the file."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        position = f":{self.line}:{self.column}" if self.line else ""
        return printable(f"{self.file}{position}")


@dataclass(frozen=True, order=True)
class Problem:
    """A problem with an input: its place, and a message with the rule, the value and the fix."""

    place: Place
    message: str

    def __str__(self) -> str:
        path = f" {shortened(printable(self.place.path), _LONGEST_PATH)}:" if self.place.path else ""
        return f"{self.place}:{path} {printable(self.message)}"


class TaskroleError(Exception):
    """The base of all errors of taskrole; the text is one line, for users."""

    exit_code = INPUT_ERROR


class InputError(TaskroleError):
    """An invalid input: all of its problems, one line each, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.place, problem.message)))
        super().__init__("\n".join(map(str, self.problems)))


def refusal(path: object, message: str) -> InputError:
    """Return an InputError about a path."""
    return InputError([Problem(Place(str(path)), message)])


class BadValueError(ValueError):
    """A value that breaks a rule: the text is the rule and the value. Callers that know the place raise InputError."""


class ToolError(TaskroleError):
    """A program or service that taskrole needs is missing, too old, or does not respond."""


def printable(text: str) -> str:
    """Return text with control, bidirectional and surrogate characters escaped, safe to print to a terminal."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def quote(value: object) -> str:
    """Return a value for a message: escaped, without the credentials of URLs, at most LONGEST_QUOTE characters long."""
    text = without_credentials(repr(value) if isinstance(value, str) else str(value))
    return shortened(text)


def shortened(text: str, longest: int = LONGEST_QUOTE) -> str:
    """Return a text of at most `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def without_credentials(text: str) -> str:
    """Return text with the credentials of each URL in it, `user:password@`, replaced by `…@`."""
    if "://" not in text or "@" not in text:
        return text
    return _WORD.sub(lambda word: _masked(word.group()), text)


def _masked(word: str) -> str:
    scheme, separator, rest = word.partition("://")
    # A password may contain an unescaped slash or @. The URL is then invalid, and the password still a secret.
    credentials, at, host = rest.rpartition("@")
    return f"{scheme}{separator}…@{host}" if at and (":" in credentials or "/" not in credentials) else word
