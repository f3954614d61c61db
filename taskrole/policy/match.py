"""IAM's wildcards: `*` is any text, including empty text, `?` any one character; both span `/` and `:`.

A pattern is a sequence of pieces, since the value of a policy variable and an escape such as `${*}` can contain `*`
and `?` that are not wildcards. No backtracking regular expressions are used: a match takes at most
len(pattern) x len(text) steps, while a regular expression for `*a*a*a*a*b` could take exponentially many.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import cached_property, lru_cache
from typing import TypeAlias

from taskrole.dataclass import dataclass


class Wildcard(Enum):
    """A wildcard of a pattern."""

    TEXT = "*"
    CHARACTER = "?"


Piece: TypeAlias = str | Wildcard

_WILDCARDS = re.compile(r"([*?])")
_STARS = re.compile(r"\*{2,}")


def pattern_pieces(pattern: str) -> tuple[Piece, ...]:
    """Return the literal texts and wildcards of a pattern in order."""
    return tuple(Wildcard(part) if part in ("*", "?") else part for part in _WILDCARDS.split(pattern) if part)


def has_wildcard(pattern: str) -> bool:
    """Return whether a pattern has a wildcard."""
    return "*" in pattern or "?" in pattern


def single_stars(pattern: str) -> str:
    """Return an equivalent pattern without repeated `*`."""
    return _STARS.sub("*", pattern) if "**" in pattern else pattern


def action_pattern(text: str) -> str:
    """Return a pattern of Action in lower case, without repeated `*`; `*` for every spelling of all actions.

    "An asterisk represents any combination of characters", so `**` is the same as `*`, as in a resource.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    action = single_stars(text.lower())
    return "*" if action == "*:*" else action


@dataclass(frozen=True)
class _Chunk:
    """The part between two `*`: of fixed length, so that it is found without backtracking."""

    width: int
    content: str | re.Pattern[str]

    def stands_at(self, text: str, position: int) -> bool:
        if isinstance(self.content, str):
            return text.startswith(self.content, position)
        return self.content.match(text, position) is not None

    def find(self, text: str, start: int, end: int) -> int:
        if isinstance(self.content, str):
            return text.find(self.content, start, end)
        match = self.content.search(text, start, end)
        return match.start() if match else -1


@dataclass(frozen=True)
class Glob:
    """A compiled pattern; `chunks` are the parts between its `*`."""

    chunks: tuple[_Chunk, ...] | tuple[_OverlapChunk, ...]

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches, case-sensitively."""
        first, *middle = self.chunks
        if not middle:
            return len(text) == first.width and first.stands_at(text, 0)
        last = middle.pop()
        position, end = first.width, len(text) - last.width
        if position > end or not first.stands_at(text, 0) or not last.stands_at(text, end):
            return False
        # The leftmost match of each chunk leaves the most text for the others.
        for chunk in middle:
            start = chunk.find(text, position, end)
            if start < 0:
                return False
            position = start + chunk.width
        return True


def compile_pieces(pieces: Iterable[Piece]) -> Glob:
    """Return the compiled pattern of some pieces."""
    chunks: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece is Wildcard.TEXT:
            chunks.append([])
        else:
            chunks[-1].append(piece)
    return Glob(tuple(map(_chunk, chunks)))


def compile_glob(pattern: str) -> Glob:
    """Return a compiled pattern."""
    return compile_pieces(pattern_pieces(pattern))


@lru_cache(maxsize=16_384)
def compile_overlap(pattern: str) -> Glob:
    """Return a pattern compiled to match patterns without `*` and variables that overlap it.

    A `?` in such a pattern matches any character of this one.
    """
    return Glob(tuple(map(_OverlapChunk, pattern.split("*"))))


@dataclass(frozen=True)
class _OverlapChunk:
    """Text and `?` between two `*` of a pattern, searched for in another pattern without `*`.

    If the other pattern has `?` only at its end, like the ARN of a secret without its suffix, texts are compared:
    compiling a regular expression would take longer than all comparisons.
    """

    content: str

    @property
    def width(self) -> int:
        return len(self.content)

    def stands_at(self, text: str, position: int) -> bool:
        window = text[position : position + self.width].rstrip("?")
        if "?" in self.content or "?" in window:
            return self._expression.match(text, position) is not None
        return self.content.startswith(window)

    def find(self, text: str, start: int, end: int) -> int:
        if "?" in self.content or "?" in text.rstrip("?"):
            match = self._expression.search(text, start, end)
            return match.start() if match else -1
        last = end - self.width
        whole = text.find(self.content, start, end)
        if whole >= 0:
            return whole
        # All or part of it can match the final `?`.
        first = max(start, len(text.rstrip("?")) - self.width + 1)
        return next((position for position in range(first, last + 1) if self.stands_at(text, position)), -1)

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(
            "".join("." if character == "?" else f"[{re.escape(character)}?]" for character in self.content), re.DOTALL
        )


def _chunk(pieces: list[Piece]) -> _Chunk:
    width = sum(len(piece) if isinstance(piece, str) else 1 for piece in pieces)
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return _Chunk(width, "".join(texts))
    regex = "".join(re.escape(piece) if isinstance(piece, str) else "." for piece in pieces)
    return _Chunk(width, re.compile(regex, re.DOTALL))
