"""Which of many patterns can contain another one, without a question about each of them.

All plain text of a pattern must be in every pattern that it contains: `*abc*` cannot contain `*abx*`. So a pattern is
found by three characters of its text, those that the fewest other patterns have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from taskrole.policy.patterns import OPEN

_LENGTH = 3


class PatternIndex:
    """Patterns by three characters of each; those that have no three in a row, or variables, are always possible."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        keys = {pattern: _keys_of(pattern) for pattern in patterns}
        counts = Counter(key for some in keys.values() for key in some)
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._always: list[str] = []
        for pattern, some in keys.items():
            rarest = min(some, key=lambda key: (counts[key], key), default=None)
            (self._always if rarest is None else self._by_key[rarest]).append(pattern)

    def possible(self, text: str) -> Iterator[str]:
        """Yield the patterns that a pattern or text may be contained in: all that contain it, and few others."""
        yield from self._always
        for key in _parts(text):
            yield from self._by_key.get(key, ())


def _keys_of(pattern: str) -> set[str]:
    if "${" in pattern:
        return set()
    return {key for text in OPEN.split(pattern) for key in _parts(text)}


def _parts(text: str) -> set[str]:
    return {text[place : place + _LENGTH] for place in range(len(text) - _LENGTH + 1)}
