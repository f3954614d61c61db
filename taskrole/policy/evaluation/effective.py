"""What a role may do in numbers, and how much of it nobody needs.

Counts are of known actions (the action database is dated): `logs:*` is what it names today, and grows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taskrole.grant import Condition, Effect, Grant
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS, AccessLevel, access_level, count_by_level
from taskrole.policy.catalogue.actions import expand, expand_except
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.comparison.permissions import Permission, read_permissions
from taskrole.policy.documents.statements import Document
from taskrole.policy.patterns import contains


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
        return count_by_level(self.actions)


@dataclass(frozen=True, order=True)
class Excess:
    """An action that a role may use and needs less of, or not at all.

    `allowed` are the resources beyond the need, `needed` those that are needed; a sentence says what that means.
    """

    action: str
    level: AccessLevel
    allowed: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def because(self) -> str:
        """Why it is too much, in one clause."""
        where = _named(self.allowed)
        if not self.needed:
            return f"allowed on {where}, needed by none"
        if self.needed == self.allowed:
            return f"allowed on {where} without the conditions that are needed"
        return f"allowed on {where}, needed on {_named(self.needed)}"


@dataclass(frozen=True)
class ExcessReport:
    """All excess of a role, the worst level first, what names no known action, and what could not be read."""

    excess: tuple[Excess, ...]
    unknown: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    @property
    def by_level(self) -> dict[AccessLevel, tuple[Excess, ...]]:
        """The excess of each access level that has some, the worst first."""
        levels: dict[AccessLevel, list[Excess]] = {level: [] for level in ACCESS_LEVELS}
        for one in self.excess:
            levels[one.level].append(one)
        return {level: tuple(found) for level, found in levels.items() if found}

    @property
    def counts(self) -> dict[AccessLevel, int]:
        """How many actions of each access level are in excess, the worst first."""
        return {level: len(found) for level, found in self.by_level.items()}


def effective_actions(documents: Iterable[Document], boundary: Document | None = None) -> EffectiveActions:
    """Return the actions that a role's documents allow within its permissions boundary."""
    permissions, problems = read_permissions(documents)
    actions, on_everything = _allowed_actions(permissions)
    if boundary is not None:
        limits, limit_problems = read_permissions([boundary])
        within, everywhere_within = _allowed_actions(limits)
        actions, on_everything = actions & within, on_everything & everywhere_within
        problems += limit_problems
    return EffectiveActions(actions, on_everything, _unknown(permissions), tuple(problems))


def excess(documents: Iterable[Document], needed: Iterable[Grant]) -> ExcessReport:
    """Return what documents allow beyond the grants that are needed, the worst access level first.

    An action that is allowed on a pattern but needed on single resources is excess, and so is one allowed without the
    conditions of the need. Actions that a Deny of everything takes away are none. Grants of effect Deny need nothing.
    """
    permissions, problems = read_permissions(documents)
    denied = _union(_actions(one) for one in permissions if _is_of_everything(one, "Deny"))
    needs = _needs(needed)
    beyond: dict[str, set[str]] = defaultdict(set)
    for one in permissions:
        if one.effect == "Allow":
            for action in _actions(one) - denied:
                beyond[action].update(_beyond(one, needs.get(action, ())))
    found = [
        Excess(action, level, tuple(sorted(where)), tuple(sorted({need.resource for need in needs.get(action, ())})))
        for action, where in beyond.items()
        if where and (level := access_level(action)) is not None
    ]
    found.sort(key=lambda one: (ACCESS_LEVELS.index(one.level), one.action))
    return ExcessReport(tuple(found), _unknown(permissions), tuple(problems))


@dataclass(frozen=True)
class _Need:
    resource: str
    conditions: tuple[Condition, ...]


def _needs(grants: Iterable[Grant]) -> dict[str, list[_Need]]:
    needs: dict[str, list[_Need]] = defaultdict(list)
    for grant in grants:
        if grant.effect == "Allow":
            for action in expand(grant.actions):
                needs[action] += (_Need(resource, grant.conditions) for resource in grant.resources)
    return needs


def _beyond(permission: Permission, needs: Sequence[_Need]) -> list[str]:
    """Return the resources of a permission that no need takes in."""
    if permission.resources.negated:
        everything = any(need.resource == "*" and implies(permission.conditions, need.conditions) for need in needs)
        return [] if everything else [f"all but {_named(permission.resources.patterns)}"]
    met = [need.resource for need in needs if implies(permission.conditions, need.conditions)]
    return [one for one in permission.resources.patterns if not any(contains(resource, one) for resource in met)]


def _allowed_actions(permissions: Sequence[Permission]) -> tuple[frozenset[str], frozenset[str]]:
    denied = _union(_actions(one) for one in permissions if _is_of_everything(one, "Deny"))
    allowed = [one for one in permissions if one.effect == "Allow"]
    anywhere = _union(map(_actions, allowed))
    everywhere = _union(_actions(one) for one in allowed if one.resources.is_everything or one.resources.negated)
    return anywhere - denied, everywhere - denied


def _is_of_everything(permission: Permission, effect: Effect) -> bool:
    return permission.effect == effect and permission.resources.is_everything and not permission.conditions


def _actions(permission: Permission) -> frozenset[str]:
    named = permission.actions
    return expand_except(named.patterns) if named.negated else expand(named.patterns)


def _unknown(permissions: Iterable[Permission]) -> tuple[str, ...]:
    """Return the actions and patterns of Allow that name no known action."""
    patterns = {pattern for one in permissions if one.effect == "Allow" for pattern in one.actions.patterns}
    return tuple(sorted(pattern for pattern in patterns if not expand([pattern])))


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _named(resources: Sequence[str]) -> str:
    return resources[0] if len(resources) == 1 else f"{len(resources)} resources"
