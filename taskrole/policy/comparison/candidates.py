"""An index of the permissions that may cover a part of another permission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from taskrole.policy.comparison.condition_index import ConditionIndex
from taskrole.policy.comparison.permissions import Names, Permission
from taskrole.policy.pattern_index import plain_parts, text_parts

# Up to this many, comparing each is faster than using the index.
FEW = 8


class Candidates:
    """Permissions indexed by actions, resources and conditions."""

    def __init__(self, permissions: Sequence[Permission]) -> None:
        self._permissions = permissions

    def of(self, permission: Permission) -> Sequence[Permission]:
        """Return the permissions that may cover an action and a resource of another permission, in order."""
        if len(self._permissions) <= FEW:
            return self._permissions
        places = self._actions.of(permission.actions)
        if places:
            places &= self._resources.of(permission.resources)
        if len(places) > FEW:
            places &= self._conditions.of(permission.conditions)
        return [self._permissions[place] for place in sorted(places)]

    @cached_property
    def _actions(self) -> _Index:
        return _Index(permission.actions for permission in self._permissions)

    @cached_property
    def _resources(self) -> _Index:
        return _Index(permission.resources for permission in self._permissions)

    @cached_property
    def _conditions(self) -> ConditionIndex:
        return ConditionIndex(permission.conditions for permission in self._permissions)


class _Index:
    """Sets of names, indexed by literal text and by the literal beginning of their patterns.

    Negated sets are indexed by the trigrams of their first pattern: one can cover another negated set only if its
    patterns contain literal text of the other's.
    """

    def __init__(self, sets: Iterable[Names]) -> None:
        self._everything: set[int] = set()
        # A negated set may cover any other.
        self._negated: set[int] = set()
        self._by_part: dict[str, list[int]] = {}
        self._by_text: dict[str, list[int]] = {}
        self._by_beginning: dict[str, list[int]] = {}
        for place, names in enumerate(sets):
            if names.negated:
                self._negated.add(place)
                for part in text_parts(names.patterns[0]):
                    self._by_part.setdefault(part, []).append(place)
                continue
            if names.is_everything:
                self._everything.add(place)
            for text in names.patterns:
                self._by_text.setdefault(text, []).append(place)
            for beginning in names.beginnings:
                self._by_beginning.setdefault(beginning, []).append(place)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})

    def of(self, names: Names) -> set[int]:
        """Return the indexes of the sets that may cover a member of a set."""
        if names.negated:
            return self._everything | self._leaving_out_less(names)
        places = set(self._negated)
        for text in names.patterns:
            places.update(self._by_text.get(text, ()))
            for length in self._lengths:
                if length > len(text):
                    break
                places.update(self._by_beginning.get(text[:length], ()))
        return places

    def _leaving_out_less(self, names: Names) -> set[int]:
        places: set[int] = set()
        for pattern in names.patterns:
            parts = plain_parts(pattern)
            if not parts:
                return self._negated
            rarest = min(parts, key=lambda part: (len(self._by_part.get(part, ())), part))
            places.update(self._by_part.get(rarest, ()))
        return places
