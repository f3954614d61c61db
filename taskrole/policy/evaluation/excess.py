"""Permissions of a role that are not needed, by action and resource.

Only effective permissions count: permissions that the boundary or an unconditional Deny blocks are not excess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from taskrole.dataclass import dataclass
from taskrole.grant import Grant
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS, AccessLevel, access_level
from taskrole.policy.catalogue.actions import all_actions, expand
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.comparison.permissions import Names, Permission, everything_allowed, read_permissions
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.action_counts import actions_of_permission, unknown_actions
from taskrole.policy.evaluation.needs import NeedIndex, Scope
from taskrole.policy.patterns import contains, overlaps


@dataclass(frozen=True, order=True)
class Excess:
    """An allowed action that is not needed, or needed on fewer resources or under conditions.

    `allowed` are the resources on which it is not needed, `needed` those on which it is.
    """

    action: str
    level: AccessLevel
    allowed: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def because(self) -> str:
        """The reason, in one clause."""
        where = _named(self.allowed)
        if not self.needed:
            return f"allowed on {where}, not needed"
        if self.needed == self.allowed:
            return f"allowed on {where} without the conditions that are needed"
        return f"allowed on {where}, needed on {_named(self.needed)}"


@dataclass(frozen=True)
class ExcessReport:
    """The excess of a role, the most severe level first, unknown actions, and what could not be read."""

    excess: tuple[Excess, ...]
    unknown: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    @property
    def by_level(self) -> dict[AccessLevel, tuple[Excess, ...]]:
        """The excess by access level, the most severe first; levels without excess are left out."""
        levels: dict[AccessLevel, list[Excess]] = {level: [] for level in ACCESS_LEVELS}
        for excess in self.excess:
            levels[excess.level].append(excess)
        return {level: tuple(entries) for level, entries in levels.items() if entries}

    @property
    def counts(self) -> dict[AccessLevel, int]:
        """The number of excess actions by access level, the most severe first."""
        return {level: len(entries) for level, entries in self.by_level.items()}


def role_excess(role: EffectiveRole, needed: Iterable[Grant]) -> ExcessReport:
    """Return what a role is known to allow beyond the needed grants and the grants declared for the role.

    If the boundary is partly unknown, only its known Deny statements count.
    """
    limits = None if role.boundary is None and not role.boundary_problem else _limits(role.boundary)
    if limits and role.boundary_problem:
        limits.permissions.append(everything_allowed())
    return _excess(role.documents, [*needed, *role.needed], limits)


def excess(documents: Iterable[Document], needed: Iterable[Grant], boundary: Document | None = None) -> ExcessReport:
    """Return what documents allow within a boundary beyond the needed grants, the most severe access level first.

    An action that is allowed on a pattern but needed only on single resources is excess, and so is an action that is
    allowed without the grant's conditions. Grants with effect Deny are ignored.
    """
    return _excess(documents, needed, None if boundary is None else _limits(boundary))


@dataclass(frozen=True)
class _Limits:
    """The permissions of a boundary, and which parts of it could not be read."""

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
    entries = []
    for actions, scope in _alike(permissions, limits, needs):
        where = tuple(sorted(_beyond_of_all(scope)))
        needed_on = tuple(sorted({need.resource for need in scope.needs}))
        levels = ((action, access_level(action)) for action in actions if where)
        entries += [Excess(action, level, where, needed_on) for action, level in levels if level is not None]
    entries.sort(key=lambda entry: (ACCESS_LEVELS.index(entry.level), entry.action))
    return ExcessReport(tuple(entries), unknown_actions(permissions), (*problems, *(limits.problems if limits else ())))


# For more actions than this (about half of all), the complement is iterated.
_MANY = 10_000


@dataclass(frozen=True)
class _Decisive:
    """The permissions that decide about some actions: of policies, of the boundary (None: no boundary), and needs."""

    allowing: Sequence[Permission]
    bounds: Sequence[Permission] | None
    denied: Sequence[Permission]
    needs: Sequence[Scope]


def _alike(
    permissions: Sequence[Permission], limits: _Limits | None, needs: Mapping[str, Sequence[Scope]]
) -> Iterator[tuple[list[str], _Decisive]]:
    """Yield the allowed actions grouped by the permissions that decide about them; 20,000 actions form few groups."""
    allowing = [permission for permission in permissions if permission.effect == "Allow"]
    limiting = limits.permissions if limits else []
    bounds = [permission for permission in limiting if permission.effect == "Allow"]
    denied = [
        permission
        for permission in (*permissions, *limiting)
        if permission.effect == "Deny" and not permission.conditions
    ]
    of_action = _numbers_of_actions([*allowing, *bounds, *denied])
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for action, numbers in of_action.items():
        groups[numbers, action if action in needs else ""].append(action)
    for (numbers, action), actions in groups.items():
        chosen = [
            [permission for index, permission in enumerate(some, begin) if numbers >> index & 1]
            for some, begin in ((allowing, 0), (bounds, len(allowing)), (denied, len(allowing) + len(bounds)))
        ]
        if chosen[0]:
            yield actions, _Decisive(chosen[0], chosen[1] if limits else None, chosen[2], needs.get(action, ()))


def _numbers_of_actions(permissions: Sequence[Permission]) -> dict[str, int]:
    """Return for each known action the permissions that cover it, as the bits of a number."""
    # Many permissions name the same actions, often `*`, so each set of actions is expanded once.
    of_names: dict[Names, tuple[Permission, int]] = {}
    for index, permission in enumerate(permissions):
        first, bits = of_names.get(permission.actions, (permission, 0))
        of_names[permission.actions] = first, bits | 1 << index
    of_all = 0
    different: dict[str, int] = defaultdict(int)
    for permission, bits in of_names.values():
        actions = actions_of_permission(permission)
        if len(actions) > _MANY:
            of_all |= bits
            actions = all_actions() - actions
        for action in actions:
            different[action] |= bits
    if not of_all:
        return different
    return {action: of_all ^ different.get(action, 0) for action in all_actions()}


def _beyond_of_all(decisive: _Decisive) -> set[str]:
    """Return the resources on which these actions are allowed but not needed."""
    resources: set[str] = set()
    needs = NeedIndex(decisive.needs)
    for permission in decisive.allowing:
        resources.update(_beyond(permission, decisive.bounds, decisive.denied, needs))
    return resources


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
    """Yield the resources on which a permission is effective and not needed."""
    if permission.resources.negated:
        is_needed = any(implies(permission.conditions, need.conditions) for need in needs.on_everything())
        is_denied = any(denial.resources.is_everything for denial in denied)
        if not is_needed and not is_denied and (bounds is None or bounds):
            yield f"all but {_named(permission.resources.patterns)}"
        return
    for scope in _within(permission, bounds):
        is_needed = any(implies(scope.conditions, need.conditions) for need in needs.covering(scope.resource))
        if not is_needed and not any(denial.resources.covers(scope.resource) for denial in denied):
            yield scope.resource


def _within(permission: Permission, bounds: Sequence[Permission] | None) -> Iterator[Scope]:
    """Yield the resources of a permission within a boundary, as narrowly as patterns can express them."""
    for resource in permission.resources.patterns:
        if bounds is None:
            yield Scope(resource, permission.conditions)
            continue
        for bound in bounds:
            conditions = (*permission.conditions, *bound.conditions)
            if bound.resources.negated:
                if not any(contains(excluded, resource) for excluded in bound.resources.patterns):
                    yield Scope(resource, conditions)
                continue
            for pattern in bound.resources.patterns:
                if contains(resource, pattern):
                    yield Scope(pattern, conditions)
                elif overlaps(pattern, resource):
                    yield Scope(resource, conditions)


def _named(resources: Sequence[str]) -> str:
    return resources[0] if len(resources) == 1 else f"{len(resources)} resources"
