"""Which of many patterns can contain another one, without a question about each of them.

All plain text of a pattern must be in every pattern that it contains: `*abc*` cannot contain `*abx*`. So a pattern is
found by three characters of its text, those that the fewest other patterns have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from taskrole.policy.patterns import OPEN

_LENGTH = 3
# So few patterns are asked one by one in less time than an index takes to build.
_FEW = 16


class PatternIndex:
    """Patterns by three characters of each; those that have no three in a row, or variables, are always possible."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns

    def possible(self, text: str) -> Iterator[str]:
        """Yield the patterns that a pattern or text may be contained in: all that contain it, and few others."""
        if len(self.patterns) <= _FEW:
            yield from self.patterns
            return
        by_key, always = self._parts
        yield from always
        for key in text_parts(text):
            yield from by_key.get(key, ())

    @cached_property
    def _parts(self) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
        """The patterns by the part of each that the fewest others have, and those without parts."""
        keys = {pattern: plain_parts(pattern) for pattern in self.patterns}
        counts = Counter(key for some in keys.values() for key in some)
        by_key: dict[str, list[str]] = defaultdict(list)
        always: list[str] = []
        for pattern, some in keys.items():
            rarest = min(some, key=lambda key: (counts[key], key), default=None)
            (always if rarest is None else by_key[rarest]).append(pattern)
        return by_key, always


class EndingIndex:
    """Patterns that a text may fit of which all is known but its last `ending` characters.

    A plain text of a pattern is in what is known, with all of its parts; or it reaches into the ending, and then what
    is known ends with all of it but up to `ending` characters. Of the texts that are long enough, the rarest is looked
    for.
    """

    def __init__(self, patterns: Sequence[str], ending: int) -> None:
        self._inside: dict[str, list[str]] = defaultdict(list)
        self._at_end: dict[str, list[str]] = defaultdict(list)
        self._always: list[str] = []
        if len(patterns) <= _FEW:
            self._always += patterns
            return
        counts = Counter(part for pattern in patterns for part in plain_parts(pattern))
        for pattern in patterns:
            choices = [] if "${" in pattern else OPEN.split(pattern)
            texts = [text for text in choices if len(text) >= ending + _LENGTH]
            rarest = {min(text_parts(text), key=lambda part: (counts[part], part)): text for text in texts}
            if not rarest:
                self._always.append(pattern)
                continue
            part = min(rarest, key=lambda part: (counts[part], part))
            self._inside[part].append(pattern)
            for length in range(1, ending + 1):
                self._at_end[rarest[part][:-length]].append(pattern)

    def possible(self, beginning: str) -> Iterator[str]:
        """Yield the patterns that a text with this beginning may fit, some perhaps twice: all that do, few others."""
        yield from self._always
        if not self._inside:
            return
        for part in text_parts(beginning):
            yield from self._inside.get(part, ())
        for place in range(len(beginning)):
            yield from self._at_end.get(beginning[place:], ())


def plain_parts(pattern: str) -> set[str]:
    """Return all three characters in a row of a pattern's plain text; none of a pattern with variables."""
    if "${" in pattern:
        return set()
    return {part for text in OPEN.split(pattern) for part in text_parts(text)}


def text_parts(text: str) -> set[str]:
    """Return all three characters in a row of a text: of those that it is contained in, some are among them."""
    return {text[place : place + _LENGTH] for place in range(len(text) - _LENGTH + 1)}
