"""An index of the conditions that may follow from other conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from taskrole.grant import Condition
from taskrole.policy.comparison.condition_implication import ComparedTest, KeyTest, read_test
from taskrole.policy.conditions.value_sets import Arns, Texts, ValueSet
from taskrole.policy.pattern_index import plain_parts, text_parts

Conditions: TypeAlias = tuple[Condition, ...]

# A key and a trigram of a value's plain text; "" if there is none.
_Entry: TypeAlias = tuple[str, str]


class ConditionIndex:
    """Conditions indexed by key and by a trigram of their values.

    A test can follow only from a test of the same key. A test of text can follow only from a test whose values contain
    the literal text of its own values.
    """

    def __init__(self, all_conditions: Iterable[Conditions]) -> None:
        tests = [[_entries_of(read_test(condition)) for condition in conditions] for conditions in all_conditions]
        counts = Counter(entry for choices in tests for values in choices for entries in values for entry in entries)
        self._unconditional: set[int] = set()
        self._places: dict[_Entry, list[int]] = {}
        for place, choices in enumerate(tests):
            if not choices:
                self._unconditional.add(place)
                continue
            rarest = [
                {min(entries, key=lambda entry: (counts[entry], entry)) for entries in values} for values in choices
            ]
            for entry in min(rarest, key=lambda entries: sum(counts[entry] for entry in entries)):
                self._places.setdefault(entry, []).append(place)

    def of(self, conditions: Conditions) -> set[int]:
        """Return the indexes of all conditions that may follow from these, and of a few others."""
        places = set(self._unconditional)
        for test in map(read_test, conditions):
            places.update(self._places.get((test.key, ""), ()))
            values = test.values if isinstance(test, KeyTest) else ()
            for text in filter(None, map(_text, values)):
                for part in text_parts(text):
                    places.update(self._places.get((test.key, part), ()))
        return places


def _entries_of(test: ComparedTest) -> list[set[_Entry]]:
    """Return for each value of a test the entries that every test that implies it has."""
    by_key: list[set[_Entry]] = [{(test.key, "")}]
    # For negated values the inclusion is reversed, and an absent key has no value.
    if not isinstance(test, KeyTest) or test.negated or test.holds_without_key:
        return by_key
    parts = [plain_parts(_text(value) or "") for value in test.values]
    return [{(test.key, part) for part in some} for some in parts] if all(parts) else by_key


def _text(value: ValueSet) -> str | None:
    """Return the pattern of a set of texts with case folded, since some operators ignore case."""
    # lower() can depend on the next character; casefold() cannot.
    return value.pattern.lower().casefold() if isinstance(value, (Texts, Arns)) else None
