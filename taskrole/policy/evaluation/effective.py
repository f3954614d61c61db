"""Counts the actions that policies allow within a permissions boundary.

Counts are of known actions (the action database is dated): `logs:*` is what it names today, and grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from taskrole.grant import Effect
from taskrole.policy.catalogue.access_levels import AccessLevel, count_by_level
from taskrole.policy.catalogue.actions import all_actions, expand, expand_except, expands
from taskrole.policy.comparison.permissions import Names, Permission, read_permissions
from taskrole.policy.documents.statements import Document


@dataclass(frozen=True)
class EffectiveActions:
    """The known actions that documents allow on anything at all, and those that they allow on `*`.

    A Deny counts where it is of everything: without conditions, on `*`; NotResource allows on `*` in this sense.
    `unknown` are patterns that name no known action, `unresolved` says what could not be read.
    """

    actions: frozenset[str]
    on_everything: frozenset[str]
    unknown: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    @property
    def by_level(self) -> dict[AccessLevel, int]:
        """How many actions of each access level, the worst first."""
        return dict(_by_level(self.actions))


def effective_actions(documents: Iterable[Document], boundary: Document | None = None) -> EffectiveActions:
    """Return the actions that a role's documents allow within its permissions boundary."""
    permissions, problems = read_permissions(documents)
    actions, on_everything = _allowed_actions(permissions)
    if boundary is not None:
        limits, limit_problems = read_permissions([boundary])
        within, everywhere_within = _allowed_actions(limits)
        actions, on_everything = actions & within, on_everything & everywhere_within
        problems += limit_problems
    return EffectiveActions(actions, on_everything, unknown_actions(permissions), tuple(problems))


def _allowed_actions(permissions: Sequence[Permission]) -> tuple[frozenset[str], frozenset[str]]:
    names: tuple[list[Names], list[Names], list[Names]] = ([], [], [])
    allowed, everywhere, denied = names
    for one in permissions:
        if one.effect == "Allow":
            allowed.append(one.actions)
            if one.resources.is_everything or one.resources.negated:
                everywhere.append(one.actions)
        elif is_of_everything(one, "Deny"):
            denied.append(one.actions)
    return _without_denied(*map(tuple, names))


@lru_cache(maxsize=32)
def _without_denied(
    allowed: tuple[Names, ...], everywhere: tuple[Names, ...], denied: tuple[Names, ...]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the known actions of the first two without those of the third. Many roles of a plan name the same."""
    excluded = actions_of_names(denied)
    return actions_of_names(allowed) - excluded, actions_of_names(everywhere) - excluded


def is_of_everything(permission: Permission, effect: Effect) -> bool:
    """Return whether a permission of an effect is on `*` and without conditions."""
    return permission.effect == effect and permission.resources.is_everything and not permission.conditions


@lru_cache(maxsize=32)
def _by_level(actions: frozenset[str]) -> Mapping[AccessLevel, int]:
    return count_by_level(actions)


def actions_of_permission(permission: Permission) -> frozenset[str]:
    """Return the known actions that a permission is about."""
    named = permission.actions
    return expand_except(named.patterns) if named.negated else expand(named.patterns)


def actions_of_names(names: Sequence[Names]) -> frozenset[str]:
    """Return the known actions that are in any of some sets.

    What several leave, each all but some actions, is all but what every one of them excludes.
    """
    excluded = [expand(some.patterns) for some in names if some.negated]
    named = expand(pattern for some in names if not some.negated for pattern in some.patterns)
    if not excluded:
        return named
    return named | (all_actions() - frozenset.intersection(*excluded))


def unknown_actions(permissions: Iterable[Permission]) -> tuple[str, ...]:
    """Return the actions and patterns of Allow that name no known action."""
    patterns = {pattern for one in permissions if one.effect == "Allow" for pattern in one.actions.patterns}
    return tuple(sorted(pattern for pattern in patterns if not expands(pattern)))


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the union of any number of sets."""
    return frozenset().union(*sets)
