"""What a role may do beyond what is needed of it: by action, with the resources that nothing needs.

Only what takes effect counts: what the permissions boundary or a Deny without conditions forbids is no excess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taskrole.grant import Grant
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS, AccessLevel, access_level
from taskrole.policy.catalogue.actions import all_actions, expand
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.comparison.permissions import Names, Permission, everything_allowed, read_permissions
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.effective import actions_of_permission, unknown_actions
from taskrole.policy.evaluation.needs import NeedIndex, Scope
from taskrole.policy.patterns import contains, overlaps


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


def role_excess(role: EffectiveRole, needed: Iterable[Grant]) -> ExcessReport:
    """Return what a role allows, as far as it is known, beyond what is needed of it and what it declares to need.

    Of a boundary that is not all known, only what its known part denies is taken off.
    """
    limits = None if role.boundary is None and not role.boundary_problem else _limits(role.boundary)
    if limits and role.boundary_problem:
        limits.permissions.append(everything_allowed())
    return _excess(role.documents, [*needed, *role.needed], limits)


def excess(documents: Iterable[Document], needed: Iterable[Grant], boundary: Document | None = None) -> ExcessReport:
    """Return what documents allow within a boundary beyond the grants that are needed, the worst access level first.

    An action that is allowed on a pattern but needed on single resources is excess, and so is one allowed without the
    conditions of the need. Grants of effect Deny need nothing.
    """
    return _excess(documents, needed, None if boundary is None else _limits(boundary))


@dataclass(frozen=True)
class _Limits:
    """What a boundary allows and denies, and what of it cannot be read."""

    permissions: list[Permission]
    problems: tuple[str, ...]


def _limits(boundary: Document | None) -> _Limits:
    permissions, problems = read_permissions([] if boundary is None else [boundary])
    if problems:
        permissions.append(everything_allowed())
    return _Limits(permissions, tuple(problems))


def _excess(documents: Iterable[Document], needed: Iterable[Grant], limits: _Limits | None) -> ExcessReport:
    permissions, problems = read_permissions(documents)
    needs = _needs(needed)
    found = []
    for actions, scope in _alike(permissions, limits, needs):
        where = tuple(sorted(_beyond_of_all(scope)))
        needed_on = tuple(sorted({need.resource for need in scope.needs}))
        levels = ((action, access_level(action)) for action in actions if where)
        found += [Excess(action, level, where, needed_on) for action, level in levels if level is not None]
    found.sort(key=lambda one: (ACCESS_LEVELS.index(one.level), one.action))
    return ExcessReport(tuple(found), unknown_actions(permissions), (*problems, *(limits.problems if limits else ())))


# Of more actions than this, about half of all, those are looked at that are not among them.
_MANY = 10_000


@dataclass(frozen=True)
class _Decisive:
    """What decides about some actions: who allows them, within which bounds (None: any), who denies, who needs them."""

    allowing: Sequence[Permission]
    bounds: Sequence[Permission] | None
    denied: Sequence[Permission]
    needs: Sequence[Scope]


def _alike(
    permissions: Sequence[Permission], limits: _Limits | None, needs: Mapping[str, Sequence[Scope]]
) -> Iterator[tuple[list[str], _Decisive]]:
    """Yield the allowed actions in groups about which the same decides: of 20,000 actions, hardly any differ."""
    allowing = [one for one in permissions if one.effect == "Allow"]
    limiting = limits.permissions if limits else []
    bounds = [one for one in limiting if one.effect == "Allow"]
    denied = [one for one in (*permissions, *limiting) if one.effect == "Deny" and not one.conditions]
    of_action = _numbers_of_actions([*allowing, *bounds, *denied])
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for action, numbers in of_action.items():
        groups[numbers, action if action in needs else ""].append(action)
    for (numbers, action), actions in groups.items():
        chosen = [
            [one for place, one in enumerate(some, begin) if numbers >> place & 1]
            for some, begin in ((allowing, 0), (bounds, len(allowing)), (denied, len(allowing) + len(bounds)))
        ]
        if chosen[0]:
            yield actions, _Decisive(chosen[0], chosen[1] if limits else None, chosen[2], needs.get(action, ()))


def _numbers_of_actions(permissions: Sequence[Permission]) -> dict[str, int]:
    """Return by each known action a number whose bits are the places of the permissions that are about it."""
    # Many permissions name the same actions, often `*`: each choice of actions is looked at once.
    of_names: dict[Names, tuple[Permission, int]] = {}
    for place, one in enumerate(permissions):
        first, bits = of_names.get(one.actions, (one, 0))
        of_names[one.actions] = first, bits | 1 << place
    of_all = 0
    different: dict[str, int] = defaultdict(int)
    for one, bits in of_names.values():
        actions = actions_of_permission(one)
        if len(actions) > _MANY:
            of_all |= bits
            actions = all_actions() - actions
        for action in actions:
            different[action] |= bits
    if not of_all:
        return different
    return {action: of_all ^ different.get(action, 0) for action in all_actions()}


def _beyond_of_all(decisive: _Decisive) -> set[str]:
    """Return the resources on which some actions are allowed beyond their need."""
    found: set[str] = set()
    needs = NeedIndex(decisive.needs)
    for one in decisive.allowing:
        found.update(_beyond(one, decisive.bounds, decisive.denied, needs))
    return found


def _needs(grants: Iterable[Grant]) -> dict[str, list[Scope]]:
    needs: dict[str, list[Scope]] = defaultdict(list)
    for grant in grants:
        if grant.effect == "Allow":
            for action in expand(grant.actions):
                needs[action] += (Scope(resource, grant.conditions) for resource in grant.resources)
    return needs


def _beyond(
    permission: Permission,
    bounds: Sequence[Permission] | None,
    denied: Sequence[Permission],
    needs: NeedIndex,
) -> Iterator[str]:
    """Yield the resources of a permission that take effect and that no need covers."""
    if permission.resources.negated:
        is_needed = any(implies(permission.conditions, need.conditions) for need in needs.on_everything())
        is_denied = any(one.resources.is_everything for one in denied)
        if not is_needed and not is_denied and (bounds is None or bounds):
            yield f"all but {_named(permission.resources.patterns)}"
        return
    for scope in _within(permission, bounds):
        is_needed = any(implies(scope.conditions, need.conditions) for need in needs.covering(scope.resource))
        if not is_needed and not any(one.resources.covers(scope.resource) for one in denied):
            yield scope.resource


def _within(permission: Permission, bounds: Sequence[Permission] | None) -> Iterator[Scope]:
    """Yield what a boundary leaves of a permission's resources, as narrow as it can be named."""
    for resource in permission.resources.patterns:
        if bounds is None:
            yield Scope(resource, permission.conditions)
            continue
        for bound in bounds:
            conditions = (*permission.conditions, *bound.conditions)
            if bound.resources.negated:
                if not any(contains(shut, resource) for shut in bound.resources.patterns):
                    yield Scope(resource, conditions)
                continue
            for pattern in bound.resources.patterns:
                if contains(resource, pattern):
                    yield Scope(pattern, conditions)
                elif overlaps(pattern, resource):
                    yield Scope(resource, conditions)


def _named(resources: Sequence[str]) -> str:
    return resources[0] if len(resources) == 1 else f"{len(resources)} resources"
