"""An index of the statements that may apply to a resource."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

from taskrole.policy.conditions.three_valued import Unknown
from taskrole.policy.evaluation.compiled import CompiledStatement
from taskrole.policy.pattern_index import EndingIndex, PatternIndex
from taskrole.policy.patterns import OPEN

# The number of `?` at the end of a pattern: a secret's suffix has six.
LONGEST_ENDING = 8


class StatementIndex:
    """Statements indexed by resource; those with NotResource, or with malformed resources, are always possible.

    A text can match a pattern only if it contains the pattern's literal text. Two patterns can overlap only if the
    literal beginning of one is a prefix of the other's.
    """

    def __init__(self, statements: Iterable[CompiledStatement]) -> None:
        self._always: set[int] = set()
        self._places: dict[str, list[int]] = {}
        self._by_ending: dict[int, EndingIndex] = {}
        for place, statement in enumerate(statements):
            resources = statement.resources
            if isinstance(resources, Unknown) or resources.negated or resources.everything:
                self._always.add(place)
                continue
            for pattern in (*resources.patterns, *resources.completed):
                self._places.setdefault(pattern, []).append(place)

    def possible(self, resource: str, *, is_pattern: bool) -> list[int]:
        """Return the sorted indexes of all statements that may apply to a resource or to a part of a pattern."""
        patterns = self._overlapping(resource) if is_pattern else self._by_text.possible(resource)
        return sorted(self._always.union(*(self._places[pattern] for pattern in patterns)))

    @cached_property
    def _by_text(self) -> PatternIndex:
        return PatternIndex(list(self._places))

    @cached_property
    def _by_beginning(self) -> dict[str, list[str]]:
        patterns: dict[str, list[str]] = {}
        for pattern in self._places:
            patterns.setdefault(_beginning(pattern), []).append(pattern)
        return patterns

    @cached_property
    def _beginnings(self) -> Sequence[str]:
        return sorted(self._by_beginning)

    @cached_property
    def _lengths(self) -> Sequence[int]:
        return sorted({len(beginning) for beginning in self._by_beginning})

    def _overlapping(self, pattern: str) -> Iterable[str]:
        own = _beginning(pattern)
        ending = len(pattern) - len(own)
        if 0 < ending <= LONGEST_ENDING and pattern.endswith("?" * ending):
            if ending not in self._by_ending:
                self._by_ending[ending] = EndingIndex(list(self._places), ending)
            return self._by_ending[ending].possible(own)
        return self._beginning_alike(own)

    def _beginning_alike(self, own: str) -> list[str]:
        patterns: list[str] = []
        for length in self._lengths:
            if length >= len(own):
                break
            patterns += self._by_beginning.get(own[:length], ())
        for beginning in self._beginnings[bisect_left(self._beginnings, own) :]:
            if not beginning.startswith(own):
                break
            patterns += self._by_beginning[beginning]
        return patterns


def _beginning(pattern: str) -> str:
    """Return the literal text before the first wildcard or variable of a pattern."""
    return OPEN.split(pattern, maxsplit=1)[0]
