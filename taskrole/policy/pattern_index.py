"""A trigram index of patterns: finds those that can contain another pattern.

All literal text of a pattern is in every pattern that it contains: `*abc*` cannot contain `*abx*`. So a pattern with
wildcards is indexed by the three characters of its literal text that are rarest among all such patterns. A pattern
without wildcards contains only itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

from taskrole.policy.patterns import OPEN

_LENGTH = 3
# Up to this many patterns or lookups, checking each pattern is faster than building an index.
_FEW = 16
_FEW_LOOKUPS = 8


class PatternIndex:
    """Patterns indexed by trigram; those without a trigram, or with variables, are always possible."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self._lookups = 0

    def possible(self, text: str) -> Iterator[str]:
        """Yield the patterns that may contain a pattern or text: all that do, and a few others."""
        if len(self.patterns) <= _FEW:
            yield from self.patterns
            return
        if text in self._literals:
            yield text
        self._lookups += 1
        if self._lookups <= _FEW_LOOKUPS:
            yield from self._open
            return
        by_key, always = self._by_key
        yield from always
        if by_key:
            for key in text_parts(text):
                yield from by_key.get(key, ())

    @cached_property
    def _literals(self) -> frozenset[str]:
        """The patterns without wildcards."""
        return frozenset(pattern for pattern in self.patterns if not OPEN.search(pattern))

    @cached_property
    def _open(self) -> Sequence[str]:
        """The other patterns."""
        return [pattern for pattern in dict.fromkeys(self.patterns) if pattern not in self._literals]

    @cached_property
    def _by_key(self) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
        """The open patterns by their rarest trigram, and those without trigrams."""
        keys = {pattern: plain_parts(pattern) for pattern in self._open}
        counts = Counter(chain.from_iterable(keys.values()))
        by_key: dict[str, list[str]] = defaultdict(list)
        always: list[str] = []
        for pattern, some in keys.items():
            rarest = min(some, key=counts.__getitem__, default=None)
            (always if rarest is None else by_key[rarest]).append(pattern)
        return by_key, always


class EndingIndex:
    """Patterns that may match a text whose last `ending` characters are not known.

    A literal text of a pattern is either within the known part, or it extends into the ending; then the known part ends
    with all but up to `ending` of its characters. Patterns are indexed by the rarest of their sufficiently long texts.
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
        """Yield the patterns that may match a text with this beginning: all that do and a few others, with repeats."""
        yield from self._always
        if not self._inside:
            return
        for part in text_parts(beginning):
            yield from self._inside.get(part, ())
        for place in range(len(beginning)):
            yield from self._at_end.get(beginning[place:], ())


def plain_parts(pattern: str) -> set[str]:
    """Return the trigrams of a pattern's literal texts; none for a pattern with variables."""
    if "${" in pattern:
        return set()
    return set().union(*map(text_parts, OPEN.split(pattern)))


def text_parts(text: str) -> set[str]:
    """Return the trigrams of a text."""
    return {text[place : place + _LENGTH] for place in range(len(text) - _LENGTH + 1)}
