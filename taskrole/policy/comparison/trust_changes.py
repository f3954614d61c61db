"""Compares trust policies by principal: the statements about each principal before and after the change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import printable
from taskrole.grant import Condition, Effect, conditions_clause, conditions_of
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Row
from taskrole.policy.comparison.trust import principal_name, principals
from taskrole.policy.documents.statements import Document, as_list, statements_of

_ASSUME = ("sts:AssumeRole",)

# For a condition with more values, only the changed values are named.
_MOST_VALUES = 3


@dataclass(frozen=True, order=True)
class Way:
    """One statement that allows or denies a principal to assume a role."""

    actions: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    not_actions: bool = False


@dataclass(frozen=True)
class PrincipalChange:
    """The change for a principal. `sign` is + for added, - for removed, ± for changed.

    `principal` is its display name. `before` and `after` are the statements about it; `sentence` describes the change,
    `broadens` is whether more requests to assume the role are allowed.
    """

    sign: Literal["+", "-", "±"]
    effect: Effect
    principal: str
    broadens: bool
    sentence: str
    before: tuple[Way, ...] = ()
    after: tuple[Way, ...] = ()


# Effect, principals, and whether they are the exceptions. A statement about several principals has a key for each.
_Key: TypeAlias = tuple[Effect, tuple[str, ...], bool]


def principal_changes(before: Document | None, after: Document | None, comparison: Comparison) -> list[PrincipalChange]:
    """Return a comparison of two trust policies by principal, broadening changes first."""
    if not (comparison.added or comparison.removed):
        return []
    old, new = _ways(before), _ways(after)
    rows: dict[_Key, dict[str, list[Row]]] = {}
    for side, some in (("added", comparison.added), ("removed", comparison.removed)):
        for row in some:
            for key in _keys(row.effect, row.resources, negated=row.not_resources):
                rows.setdefault(key, {"added": [], "removed": []})[side].append(row)
    changes = [
        change
        for key, sides in rows.items()
        for change in _changes(key, sides["added"], sides["removed"], old.get(key, ()), new.get(key, ()))
    ]
    return sorted(changes, key=lambda change: (not change.broadens, "+±-".index(change.sign), change.sentence))


def trust_sentences(row: Row) -> Iterator[str]:
    """Yield a clause for each principal in a row of a trust policy comparison."""
    way = Way(row.actions, row.conditions, row.not_actions)
    for effect, names, negated in _keys(row.effect, row.resources, negated=row.not_resources):
        yield _sentence(effect, names, _clause(way), negated=negated)


def ways_clause(ways: Iterable[Way]) -> str:
    """Return the conditions under which a principal can assume the role, as the end of a sentence."""
    return " or".join(_clause(way) + ("" if way.conditions else " without any condition") for way in ways)


def _changes(
    key: _Key, added: list[Row], removed: list[Row], old: tuple[Way, ...], new: tuple[Way, ...]
) -> Iterator[PrincipalChange]:
    effect, names, negated = key
    who = _who(names, negated=negated)
    broadens = bool(added) if effect == "Allow" else bool(removed)
    if old and new:
        end = _other_values(old, new) or f"{ways_clause(old)}: now{ways_clause(new)}"
        sentence = _sentence(effect, names, end, negated=negated)
        yield PrincipalChange("±", effect, who, broadens, sentence, old, new)
        return
    sides: tuple[tuple[Literal["+", "-"], list[Row]], ...] = (("+", added), ("-", removed))
    for sign, rows in sides:
        for row in rows:
            (sentence,) = trust_sentences(replace(row, resources=names))
            comes = (sign == "+") == (effect == "Allow")
            yield PrincipalChange(sign, effect, who, comes, sentence, old, new)


def _other_values(old: tuple[Way, ...], new: tuple[Way, ...]) -> str:
    """Return what changes in a long list of values, if nothing else changes; otherwise an empty string."""
    if len(old) != 1 or len(new) != 1 or replace(old[0], conditions=()) != replace(new[0], conditions=()):
        return ""
    gone = set(old[0].conditions) - set(new[0].conditions)
    come = set(new[0].conditions) - set(old[0].conditions)
    if len(gone) != 1 or len(come) != 1:
        return ""
    (operator, key, was), (other_operator, other_key, now) = gone.pop(), come.pop()
    if (operator, key) != (other_operator, other_key) or max(len(was), len(now)) <= _MOST_VALUES:
        return ""
    counted = (operator, key, (f"one of {len(was)} values",))
    rest = [counted if condition == (operator, key, was) else condition for condition in old[0].conditions]
    also, without = (" or ".join(sorted(set(values) - set(others))) for values, others in ((now, was), (was, now)))
    ends = [f"also {also}" if also else "", f"no longer {without}" if without else ""]
    return f"{_clause(replace(old[0], conditions=tuple(rest)))}: now {' and '.join(filter(None, ends))}"


def _keys(effect: Effect, names: tuple[str, ...], *, negated: bool) -> list[_Key]:
    return [(effect, names, True)] if negated else [(effect, (name,), False) for name in names]


def _sentence(effect: Effect, names: tuple[str, ...], end: str, *, negated: bool) -> str:
    verb = "cannot assume it" if effect == "Deny" else "can assume it"
    return printable(f"{_who(names, negated=negated)} {verb}{end}")


def _who(names: tuple[str, ...], *, negated: bool) -> str:
    named = ", ".join(map(principal_name, names))
    return f"everyone except {named}" if negated else named


def _clause(way: Way) -> str:
    by = "" if way.actions == _ASSUME and not way.not_actions else f" by {', '.join(way.actions)}"
    return f"{' by all but' + by[3:] if way.not_actions else by}{conditions_clause(way.conditions)}"


def _ways(document: Document | None) -> dict[_Key, tuple[Way, ...]]:
    """Return the statements of a trust policy by principal; unreadable ones are left out."""
    ways: dict[_Key, set[Way]] = {}
    if document is None or document is UNKNOWN or not isinstance(document.get("Statement"), (list, Mapping)):
        return {}
    for statement in statements_of(document):
        way = _way(statement)
        effect = statement.get("Effect") if way else None
        if way is None or effect not in ("Allow", "Deny"):
            continue
        for element in ("Principal", "NotPrincipal"):
            names = tuple(sorted(set(principals(statement.get(element)))))
            for key in _keys(effect, names, negated=element == "NotPrincipal") if names else ():
                ways.setdefault(key, set()).add(way)
    return {key: tuple(sorted(some)) for key, some in ways.items()}


def _way(statement: Any) -> Way | None:
    if not isinstance(statement, Mapping):
        return None
    element = "Action" if "Action" in statement else "NotAction"
    try:
        conditions = conditions_of(statement.get("Condition", {}))
    except (AttributeError, TypeError, ValueError):
        return None
    actions = {str(action) for action in as_list(statement.get(element, []))}
    spelled = {known_action(action.lower()) or action.lower() for action in actions}
    return Way(tuple(sorted(spelled)), conditions, element == "NotAction")
