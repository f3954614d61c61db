"""`grants` and `deny` of a role: access levels and actions on ARNs, expanded to single actions.

The actions of a level and the resource types of an action come from the action database. A statement for an ARN
contains only actions that apply to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from taskrole.config.model import AccessSettings
from taskrole.config.rules import DENY_ENTRY, GRANT_ELSEWHERE, GRANT_STAR, GRANTS_ENTRY, LEVELS_PAGE
from taskrole.config.value_checks import LEVEL_WORDS
from taskrole.errors import quote
from taskrole.finding import Finding
from taskrole.grant import Effect, Grant, RoleKind
from taskrole.nearest import nearest
from taskrole.policy.catalogue import actions as database
from taskrole.policy.catalogue.access_levels import level_named
from taskrole.policy.catalogue.resource_types import (
    LevelActions,
    actions_at_level,
    arns_to_allow,
    resource_type_names,
    resource_types,
    supports_resource,
)
from taskrole.policy.match import has_wildcard
from taskrole.yaml_reader import Keys

_BECAUSE = {"Allow": "roles.yaml grants it", "Deny": "roles.yaml denies it"}
_MOST_LISTED = 3

# A service, and those of its resource types that an ARN matches.
_Types: TypeAlias = tuple[str, tuple[str, ...]]
_NO_TYPES: _Types = ("", ())


# A problem with an entry: the keys inside the entry, and the message.
EntryProblem: TypeAlias = tuple[Keys, str]


def expand_access(
    settings: AccessSettings, *, effect: Effect, role: RoleKind, source: str
) -> Iterator[Grant | Finding | EntryProblem]:
    """Yield the grants of an entry of `grants` or `deny`, notes on what they omit, and problems with the entry.

    `source` is the pointer of the entry (`grants:/0`).
    """
    if settings.access is None and settings.actions is None:
        yield (), "must have access, such as read, or actions"
        return
    named = list(_named_actions(settings, effect))
    yield from (entry for entry in named if not isinstance(entry, str))
    actions = [entry for entry in named if isinstance(entry, str)]
    access = tuple(settings.access or ())
    unmet = set(actions)
    bare: list[int] = []
    of_types: dict[_Types, tuple[LevelActions, ...]] = {}
    for index, arn in enumerate(settings.resources):
        on_arn = _levels(arn, access)
        if isinstance(on_arn, str):
            yield ("resources", index), on_arn
            continue
        types, levels = on_arn
        # Once for all ARNs of the same types, in the order of the last such ARN: `_left_out` keeps the last entry.
        of_types.pop(types, None)
        of_types[types] = levels
        fitting = tuple(action for action in actions if _fits(action, arn))
        unmet.difference_update(fitting)
        granted = _given(types, access, fitting)
        if not granted:
            bare.append(index)
            continue
        yield Grant(
            role=role,
            rule=GRANTS_ENTRY.id if effect == "Allow" else DENY_ENTRY.id,
            actions=granted,
            resources=arns_to_allow(*types, arn),
            source=source,
            because=settings.because or _BECAUSE[effect],
            doc=LEVELS_PAGE,
            effect=effect,
        )
    yield from _left_out([level for levels in of_types.values() for level in levels], source)
    for action in sorted(unmet):
        yield ("actions", (settings.actions or []).index(action)), _not_applicable(action)
    if actions and not unmet:
        for index in bare:
            message = (
                f"none of these actions applies to it: {', '.join(actions)}; got {quote(settings.resources[index])}"
            )
            yield ("resources", index), message


def _named_actions(settings: AccessSettings, effect: Effect) -> Iterator[str | EntryProblem]:
    for index, action in enumerate(settings.actions or ()):
        problem = _action_problem(action, effect)
        yield (("actions", index), problem) if problem else action


def _action_problem(action: str, effect: Effect) -> str | None:
    if has_wildcard(action):
        if effect == "Allow":
            return f"must be an action without wildcards; got {quote(action)}; use access, or write statements"
        return None if database.expand([action]) else f"matches no known action; got {quote(action)}"
    known = database.known_action(action)
    if known == action:
        return None
    if known:
        return f"must be spelled {known}; got {quote(action)}"
    return _unknown_action(action)


def _unknown_action(action: str) -> str:
    service = action.partition(":")[0]
    if not database.is_service(service):
        return f"no service has the prefix {quote(service)}{_near(service, database.services())}"
    near = _near(action, database.actions_of(service))
    newer = f"; for one newer than {database.database_date()}, write statements" if not near else ""
    return f"no action is named {quote(action)}{near}{newer}"


def _near(text: str, known: Sequence[str]) -> str:
    near = nearest(text, known)
    return f"; did you mean {near[0]}?" if near else ""


def _levels(arn: str, names: tuple[str, ...]) -> tuple[_Types, tuple[LevelActions, ...]] | str:
    """Return the types of an ARN and the actions of access levels on these, or a problem."""
    if not names:
        return _NO_TYPES, ()
    if arn == "*":
        return "must be ARNs with access, as an access level needs a service; for *, use actions"
    service = arn.split(":")[2]
    if not database.is_service(service):
        hint = _near(service, database.services())
        return f"unknown service {quote(service)}{hint or '; use actions instead of access'}"
    types = service, resource_type_names(service, arn)
    if not types[1]:
        return f"is not an ARN of {service}, such as {_forms(service)}; got {quote(arn)}"
    levels = _levels_of(types, names)
    for name, level in zip(names, levels, strict=True):
        if not level.actions:
            others = [level_name for level_name in LEVEL_WORDS if _level(types, level_name).actions]
            return f"has no actions of level {name}; {quote(arn)} has {', '.join(others) or 'none'}"
    return types, levels


@lru_cache(maxsize=1_024)
def _levels_of(types: _Types, names: tuple[str, ...]) -> tuple[LevelActions, ...]:
    return tuple(_level(types, name) for name in names)


def _level(types: _Types, name: str) -> LevelActions:
    level = level_named(name)
    assert level is not None  # noqa: S101 -- the model accepts the same five names
    return actions_at_level(types[0], level, types[1])


@lru_cache(maxsize=1_024)
def _given(types: _Types, names: tuple[str, ...], actions: tuple[str, ...]) -> tuple[str, ...]:
    """Return single actions and those of access levels on ARNs of these types, sorted."""
    return tuple(sorted({*actions}.union(*(level.actions for level in _levels_of(types, names)))))


def _forms(service: str) -> str:
    names = database.database().resources.get_resource_types_for_service(service)
    arns = [database.database().resources.get_resource_type_details(service, name)["arn"] for name in names]
    return ", ".join(arns[:_MOST_LISTED])


def _left_out(levels: Sequence[LevelActions], source: str) -> Iterator[Finding]:
    """Yield notes on actions of access levels that are omitted or need further resources."""
    without = sorted({action for level in levels for action in level.without_resource})
    if without:
        message = f"leaves out {_some(without)}, which can be allowed on * only; list those in use under actions"
        yield GRANT_STAR.finding(source, message)
    elsewhere = {action: types for level in levels for action, types in level.elsewhere.items()}
    if elsewhere:
        types = ", ".join(sorted({name for names in elsewhere.values() for name in names}))
        message = f"grants {_some(sorted(elsewhere))}, which may also need a resource of another type: {types}"
        yield GRANT_ELSEWHERE.finding(source, message)


def _some(actions: Sequence[str]) -> str:
    more = len(actions) - _MOST_LISTED
    return ", ".join(actions[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _fits(action: str, arn: str) -> bool:
    """Return whether an action, or an action that a pattern matches, supports the resource of an ARN."""
    return any(supports_resource(name, arn) for name in database.expand([action]))


def _not_applicable(action: str) -> str:
    if has_wildcard(action):
        return f"matches no action that applies to these resources; got {quote(action)}"
    types = sorted({kind.name for kind in resource_types(action)})
    if not types:
        return f"can be allowed on * only, as it has no resource types; got {quote(action)}"
    return f"applies to {', '.join(types)}, and to none of these resources; got {quote(action)}"
