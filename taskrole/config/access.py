"""`grants` and `deny` of a role: access levels and single actions, on ARNs, written out action by action.

What a level holds is AWS's word, from the action database; what an action can be made on, too. An ARN gets the actions
that apply to it and no others, so that nothing is granted that could never work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from taskrole.config.grammar import LEVEL_WORDS
from taskrole.config.model import AccessSettings
from taskrole.errors import quote
from taskrole.grant import Effect, Finding, Grant, RoleKind
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

DOC = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "access_policies_understand-policy-summary-access-level-summaries.html"
)
_BECAUSE = {"Allow": "roles.yaml grants it", "Deny": "roles.yaml denies it"}
_MOST_NAMED = 3

# A service, and the resource types of it that an ARN has.
_Types: TypeAlias = tuple[str, tuple[str, ...]]
_NO_TYPES: _Types = ("", ())


@dataclass(frozen=True)
class Trouble:
    """What is wrong with an entry: the key in it, and the message."""

    keys: Keys
    message: str


def expand_access(
    settings: AccessSettings, *, effect: Effect, role: RoleKind, source: str
) -> Iterator[Grant | Finding | Trouble]:
    """Yield the grants that an entry of `grants` or `deny` stands for, what they leave out, and what is wrong with it.

    `source` is the place of the entry (`grants:/0`).
    """
    if settings.access is None and settings.actions is None:
        yield Trouble((), "must say what: access, such as read, or actions")
        return
    named = list(_named_actions(settings, effect))
    yield from (one for one in named if isinstance(one, Trouble))
    actions = [one for one in named if isinstance(one, str)]
    access = tuple(settings.access or ())
    unmet = set(actions)
    bare: list[int] = []
    of_types: dict[_Types, tuple[LevelActions, ...]] = {}
    for index, arn in enumerate(settings.resources):
        on_arn = _levels(arn, access)
        if isinstance(on_arn, str):
            yield Trouble(("resources", index), on_arn)
            continue
        types, levels = on_arn
        # Once for all ARNs of the same types, in the order of their last: of these, `_left_out` takes the last word.
        of_types.pop(types, None)
        of_types[types] = levels
        fitting = tuple(one for one in actions if _fits(one, arn))
        unmet.difference_update(fitting)
        found = _given(types, access, fitting)
        if not found:
            bare.append(index)
            continue
        yield Grant(
            role=role,
            rule="GRANTS" if effect == "Allow" else "DENY",
            actions=found,
            resources=arns_to_allow(*types, arn),
            source=source,
            because=settings.because or _BECAUSE[effect],
            doc=DOC,
            effect=effect,
        )
    yield from _left_out([level for levels in of_types.values() for level in levels], source)
    for action in sorted(unmet):
        yield Trouble(("actions", (settings.actions or []).index(action)), _never_made(action))
    if actions and not unmet:
        for index in bare:
            message = f"takes none of these actions: {', '.join(actions)}; got {quote(settings.resources[index])}"
            yield Trouble(("resources", index), message)


def _named_actions(settings: AccessSettings, effect: Effect) -> Iterator[str | Trouble]:
    for index, action in enumerate(settings.actions or ()):
        problem = _action_problem(action, effect)
        yield Trouble(("actions", index), problem) if problem else action


def _action_problem(action: str, effect: Effect) -> str | None:
    if has_wildcard(action):
        if effect == "Allow":
            return f"must name one action; got {quote(action)}; name an access level, or write statements"
        return None if database.expand([action]) else f"names no action that is known; got {quote(action)}"
    known = database.known_action(action)
    if known == action:
        return None
    if known:
        return f"is spelled {known} by AWS; got {quote(action)}"
    return _unknown_action(action)


def _unknown_action(action: str) -> str:
    service = action.partition(":")[0]
    if not database.is_service(service):
        return f"no service has the prefix {quote(service)}{_near(service, database.services())}"
    near = _near(action, database.actions_of(service))
    newer = f"; for one newer than {database.database_date()}, write statements" if not near else ""
    return f"no action is named {quote(action)}{near}{newer}"


def _near(text: str, known: Sequence[str]) -> str:
    found = nearest(text, known)
    return f"; did you mean {found[0]}?" if found else ""


def _levels(arn: str, names: tuple[str, ...]) -> tuple[_Types, tuple[LevelActions, ...]] | str:
    """Return the types of an ARN and what access levels give on these, or what is wrong with them."""
    if not names:
        return _NO_TYPES, ()
    if arn == "*":
        return "must be ARNs with access, since a level of every service is no grant; or name actions"
    service = arn.split(":")[2]
    if not database.is_service(service):
        hint = _near(service, database.services())
        return f"names no service with actions of its own, {quote(service)}{hint or '; name its actions instead'}"
    types = service, resource_type_names(service, arn)
    if not types[1]:
        return f"is no ARN of {service}'s, which look like {_forms(service)}; got {quote(arn)}"
    levels = _levels_of(types, names)
    for name, level in zip(names, levels, strict=True):
        if not level.actions:
            others = [one for one in LEVEL_WORDS if _level(types, one).actions]
            return f"has no action of level {name}; {quote(arn)} has {', '.join(others) or 'none'}"
    return types, levels


@lru_cache(maxsize=1_024)
def _levels_of(types: _Types, names: tuple[str, ...]) -> tuple[LevelActions, ...]:
    return tuple(_level(types, name) for name in names)


def _level(types: _Types, name: str) -> LevelActions:
    level = level_named(name)
    assert level is not None  # noqa: S101 -- the model knows the same five words
    return actions_at_level(types[0], level, types[1])


@lru_cache(maxsize=1_024)
def _given(types: _Types, names: tuple[str, ...], actions: tuple[str, ...]) -> tuple[str, ...]:
    """Return single actions and those of access levels on ARNs of these types, sorted."""
    return tuple(sorted({*actions}.union(*(level.actions for level in _levels_of(types, names)))))


def _forms(service: str) -> str:
    names = database.database().resources.get_resource_types_for_service(service)
    arns = [database.database().resources.get_resource_type_details(service, name)["arn"] for name in names]
    return ", ".join(arns[:_MOST_NAMED])


def _left_out(levels: Sequence[LevelActions], source: str) -> Iterator[Finding]:
    """Yield notes on actions that an access level does not give, or not alone."""
    without = sorted({action for level in levels for action in level.without_resource})
    if without:
        message = f"leaves out {_some(without)}, which can be allowed on * only; grant by actions what is called"
        yield Finding("GRANT-STAR", "note", source, message)
    elsewhere = {action: types for level in levels for action, types in level.elsewhere.items()}
    if elsewhere:
        types = ", ".join(sorted({name for names in elsewhere.values() for name in names}))
        message = f"grants {_some(sorted(elsewhere))}, which may need a resource of another type, too: {types}"
        yield Finding("GRANT-ELSEWHERE", "note", source, message)


def _some(actions: Sequence[str]) -> str:
    more = len(actions) - _MOST_NAMED
    return ", ".join(actions[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _fits(action: str, arn: str) -> bool:
    """Tell whether an action, or one that a pattern names, can ever be made on what an ARN names."""
    return any(supports_resource(one, arn) for one in database.expand([action]))


def _never_made(action: str) -> str:
    if has_wildcard(action):
        return f"names no action that is made on any of these; got {quote(action)}"
    types = sorted({one.name for one in resource_types(action)})
    if not types:
        return f"can be allowed on * only, as it knows no resources; got {quote(action)}"
    return f"is never made on any of these, but on {', '.join(types)}; got {quote(action)}"
