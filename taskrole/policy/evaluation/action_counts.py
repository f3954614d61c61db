"""Counts the actions that policies allow within a permissions boundary.

Only actions in the action database are counted, as of its date: `logs:*` will match more actions later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from taskrole.dataclass import dataclass
from taskrole.grant import Effect
from taskrole.policy.catalogue.access_levels import AccessLevel, count_by_level
from taskrole.policy.catalogue.actions import all_actions, expand, expand_except, expands
from taskrole.policy.comparison.permissions import Names, Permission, read_permissions
from taskrole.policy.documents.statements import Document


@dataclass(frozen=True)
class EffectiveActions:
    """The known actions that documents allow on any resource, and those that they allow on `*`.

    A Deny counts if it is on `*` and unconditional. An Allow with NotResource counts as on `*`. `unknown` are patterns
    that match no known action; `unresolved` are the reasons why parts could not be read.
    """

    actions: frozenset[str]
    on_everything: frozenset[str]
    unknown: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    @property
    def by_level(self) -> dict[AccessLevel, int]:
        """The number of actions of each access level, the most severe first."""
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
    for permission in permissions:
        if permission.effect == "Allow":
            allowed.append(permission.actions)
            if permission.resources.is_everything or permission.resources.negated:
                everywhere.append(permission.actions)
        elif is_of_everything(permission, "Deny"):
            denied.append(permission.actions)
    return _without_denied(*map(tuple, names))


@lru_cache(maxsize=32)
def _without_denied(
    allowed: tuple[Names, ...], everywhere: tuple[Names, ...], denied: tuple[Names, ...]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the known actions of the first two without those of the third; cached, since many roles have the same."""
    excluded = actions_of_names(denied)
    return actions_of_names(allowed) - excluded, actions_of_names(everywhere) - excluded


def is_of_everything(permission: Permission, effect: Effect) -> bool:
    """Return whether a permission has this effect on `*` without conditions."""
    return permission.effect == effect and permission.resources.is_everything and not permission.conditions


@lru_cache(maxsize=32)
def _by_level(actions: frozenset[str]) -> Mapping[AccessLevel, int]:
    return count_by_level(actions)


def actions_of_permission(permission: Permission) -> frozenset[str]:
    """Return the known actions of a permission."""
    named = permission.actions
    return expand_except(named.patterns) if named.negated else expand(named.patterns)


def actions_of_names(names: Sequence[Names]) -> frozenset[str]:
    """Return the known actions in any of these sets; with NotAction, all except those that every set excludes."""
    excluded = [expand(actions.patterns) for actions in names if actions.negated]
    named = expand(pattern for actions in names if not actions.negated for pattern in actions.patterns)
    if not excluded:
        return named
    return named | (all_actions() - frozenset.intersection(*excluded))


def unknown_actions(permissions: Iterable[Permission]) -> tuple[str, ...]:
    """Return the actions and patterns in Allow statements that match no known action."""
    patterns = {
        pattern for permission in permissions if permission.effect == "Allow" for pattern in permission.actions.patterns
    }
    return tuple(sorted(pattern for pattern in patterns if not expands(pattern)))


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the union of any number of sets."""
    return frozenset().union(*sets)
