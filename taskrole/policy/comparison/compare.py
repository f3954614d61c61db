"""Compares policies before and after a change: neutral, narrows, broadens, or unresolved.

Permissions are compared, not their text: replacing `secretsmanager:*` with a single action narrows; splitting, merging
or reordering statements is neutral. A change that is not proved to narrow broadens. For Deny the verdicts are reversed,
and a Deny always counts, since it also overrides what resource-based policies allow.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.grant import Condition, Effect
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.comparison.candidates import Candidates
from taskrole.policy.comparison.condition_implication import TOO_MANY_CONDITIONS, is_alternative
from taskrole.policy.comparison.permissions import (
    UNKNOWN,
    Member,
    Names,
    Permission,
    covered,
    everything_allowed,
    read_permissions,
)
from taskrole.policy.documents.statements import Document
from taskrole.policy.search_budget import Question, given_up_questions

__all__ = ["UNKNOWN", "Comparison", "Row", "Verdict", "compare"]

Verdict = Literal["no-change", "neutral", "narrows", "broadens", "unresolved"]
Origin = Literal["policy", "boundary"]

# Conditions with more values are not split into alternatives.
_MOST_ALTERNATIVES = 50


@dataclass(frozen=True, order=True)
class Row:
    """A normalized permission that exists on only one side of a change.

    `not_actions` and `not_resources`: it applies to all actions or resources except those listed. `origin` is the
    role's policies or its permissions boundary; no boundary counts as an Allow of everything.
    """

    origin: Origin
    effect: Effect
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    not_actions: bool = False
    not_resources: bool = False


@dataclass(frozen=True)
class Comparison:
    """The verdict on a change, the rows that exist on only one side, and the reasons if it is unresolved."""

    verdict: Verdict
    added: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    unresolved: tuple[str, ...] = ()


def compare(
    before: Sequence[Document],
    after: Sequence[Document],
    boundary_before: Document | None = None,
    boundary_after: Document | None = None,
) -> Comparison:
    """Return how replacing a role's policies and its permissions boundary changes its permissions.

    `before` and `after` are all documents of the role, inline and attached, in any order; pass `UNKNOWN` for a policy
    whose document is not known, None for no boundary. `narrows` and `neutral` are proofs: no request is allowed after
    the change that was not allowed before. With `unresolved`, the rows are those of the readable documents.
    """
    old, new = _layer(before, "policy"), _layer(after, "policy")
    old_boundary = _layer([boundary_before], "boundary") if boundary_before is not None else _NO_BOUNDARY
    new_boundary = _layer([boundary_after], "boundary") if boundary_after is not None else _NO_BOUNDARY
    with given_up_questions() as given_up:
        added = (*_only_in(new, old), *_only_in(new_boundary, old_boundary))
        removed = (*_only_in(old, new), *_only_in(old_boundary, new_boundary))
    broadens = any(row.effect == "Allow" for row in added) or any(row.effect == "Deny" for row in removed)
    unresolved = tuple(
        f"{when}: {problem}"
        for when, layers in (("before", (old, old_boundary)), ("after", (new, new_boundary)))
        for layer in layers
        for problem in layer.problems
    )
    if broadens and given_up:
        unresolved += (_too_complex(given_up),)
    if unresolved:
        return Comparison("unresolved", added, removed, unresolved)
    if broadens:
        return Comparison("broadens", added, removed)
    if added or removed:
        return Comparison("narrows", added, removed)
    same = _texts(before) == _texts(after) and _texts([boundary_before]) == _texts([boundary_after])
    return Comparison("no-change" if same else "neutral")


@dataclass(frozen=True)
class _Layer:
    """A set of permissions in which a request needs one Allow and no Deny."""

    origin: Origin
    allowed: tuple[Permission, ...]
    denied: tuple[Permission, ...]
    problems: tuple[str, ...] = ()


_NO_BOUNDARY = _Layer("boundary", (everything_allowed(),), ())


def _layer(documents: Iterable[Document], origin: Origin) -> _Layer:
    permissions, problems = read_permissions(documents)
    unique = list(dict.fromkeys(permissions))
    return _Layer(
        origin,
        tuple(permission for permission in unique if permission.effect == "Allow"),
        tuple(permission for permission in unique if permission.effect == "Deny"),
        tuple(problems),
    )


def _only_in(layer: _Layer, other: _Layer) -> tuple[Row, ...]:
    """Return what a layer allows or denies and the other layer is not proved to allow or deny.

    An Allow that the layer itself denies is not effective, so its own Deny statements count as covering it.
    """
    if layer is other:
        return ()
    allowed = _uncovered(layer.allowed, (*other.allowed, *layer.denied))
    denied = _uncovered(layer.denied, other.denied)
    return tuple(sorted(set(_rows([*allowed, *denied], layer.origin))))


def _uncovered(permissions: Iterable[Permission], others: tuple[Permission, ...]) -> list[Permission]:
    candidates = Candidates(others)
    known = {(other.actions, other.resources, other.conditions) for other in others}
    return [
        part
        for permission in permissions
        if (permission.actions, permission.resources, permission.conditions) not in known
        for part in _uncovered_parts(permission, candidates)
    ]


# For each action of a permission, by index, the resources that are not covered, as bits.
_Open: TypeAlias = list[int]


def _uncovered_parts(permission: Permission, candidates: Candidates) -> Iterator[Permission]:
    """Yield the parts of a permission that no candidate is proved to cover."""
    others = candidates.of(permission)
    open_ = _open(permission, others)
    if any(open_):
        for alternatives in _alternatives(permission):
            opens = [_open(alternative, others) for alternative in alternatives]
            open_ = [bits & _union(alternative[index] for alternative in opens) for index, bits in enumerate(open_)]
    by_bits: dict[int, list[int]] = defaultdict(list)
    for index, bits in enumerate(open_):
        if bits:
            by_bits[bits].append(index)
    for bits, indexes in by_bits.items():
        places = [place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]
        yield Permission(
            permission.effect,
            _some(permission.actions, indexes),
            _some(permission.resources, places),
            permission.conditions,
        )


def _open(permission: Permission, others: Sequence[Permission]) -> _Open:
    open_ = [(1 << len(permission.resources.members)) - 1] * len(permission.actions.members)
    for other in others:
        parts = covered(permission, other)
        if parts:
            actions, resources = parts
            for index in actions:
                open_[index] &= ~resources
            if not any(open_):
                break
    return open_


def _alternatives(permission: Permission) -> Iterator[list[Permission]]:
    """Yield the permission split by the values of each condition that allows it.

    A condition with two values is met if a condition with the first or with the second value is met.
    """
    for index, condition in enumerate(permission.conditions):
        operator, key, values = condition
        if is_alternative(condition) and len(values) <= _MOST_ALTERNATIVES:
            rest = permission.conditions[:index], permission.conditions[index + 1 :]
            yield [replace(permission, conditions=(*rest[0], (operator, key, (value,)), *rest[1])) for value in values]


def _too_complex(questions: Iterable[Question]) -> str:
    """Return a sentence about what was too complex to compare; it does not depend on the order of the questions."""
    questions = set(questions) - {TOO_MANY_CONDITIONS}
    if not questions:
        return "after: there are too many different conditions to compare all with the other side"
    pattern = min(max(question, key=lambda pattern: (len(pattern), pattern)) for question in questions)
    return f"after: {quote(pattern)} has too many wildcards to be compared with the other side"


def _union(numbers: Iterable[int]) -> int:
    union = 0
    for number in numbers:
        union |= number
    return union


def _some(names: Names, indexes: Sequence[int]) -> Names:
    return names if names.negated else Names(tuple(names.patterns[index] for index in indexes))


def _rows(permissions: Iterable[Permission], origin: Origin) -> Iterator[Row]:
    """Yield permissions as rows, merged by service: actions on the same resources, resources of the same actions."""
    actions: dict[tuple[Effect, tuple[Condition, ...], str, Member], set[str]] = defaultdict(set)
    for permission in permissions:
        if permission.actions.negated:
            yield _row(origin, permission.effect, permission.actions, permission.resources, permission.conditions)
            continue
        for action in permission.actions.patterns:
            for resource in permission.resources.members:
                actions[permission.effect, permission.conditions, action.partition(":")[0], resource].add(action)
    resources: dict[tuple[Effect, tuple[Condition, ...], Names], set[str]] = defaultdict(set)
    for (effect, conditions, _, resource), names in actions.items():
        named = Names(tuple(sorted(names)))
        if isinstance(resource, Names):
            yield _row(origin, effect, named, resource, conditions)
        else:
            resources[effect, conditions, named].add(resource)
    for (effect, conditions, named), where in resources.items():
        yield _row(origin, effect, named, Names(tuple(sorted(where))), conditions)


def _row(origin: Origin, effect: Effect, actions: Names, resources: Names, conditions: tuple[Condition, ...]) -> Row:
    spelled = tuple(sorted(known_action(action) or action for action in actions.patterns))
    return Row(origin, effect, spelled, resources.patterns, conditions, actions.negated, resources.negated)


def _texts(documents: Iterable[Document | None]) -> list[str]:
    return sorted(json.dumps(document, sort_keys=True) for document in documents)
