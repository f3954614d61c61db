"""Merges grants into few statements that allow exactly what the grants allow.

Merging never adds permissions. Within one effect, one set of conditions and one service, every resource gets the union
of the actions granted on it, and resources with the same actions share a statement: the (action, resource, conditions)
triples of the statements are exactly those of the grants, regardless of the order of the grants.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError
from taskrole.grant import Condition, Effect, Grant, condition_block, conditions_of
from taskrole.policy.documents.sids import statement_sid
from taskrole.policy.documents.statements import Document, as_list, statements_of


@dataclass(frozen=True)
class Statement:
    """A statement and the grants behind it: each grants at least one of its actions on one of its resources."""

    sid: str
    effect: Effect
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    grants: tuple[Grant, ...] = ()

    def element(self) -> dict[str, Any]:
        """Return the statement as JSON data."""
        element = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return {**element, "Condition": condition_block(self.conditions)} if self.conditions else element


# Grants are ordered by their fields; attrgetter is faster than comparing dataclasses.
_GRANT_ORDER = attrgetter(*Grant.__dataclass_fields__)

# Statements are merged only within a scope: one service per statement keeps them readable and easy to name.
_Terms: TypeAlias = tuple[Effect, tuple[Condition, ...]]
_Scope: TypeAlias = tuple[_Terms, str]


@dataclass
class _OnResource:
    """The actions of one scope on a resource, one tuple per grant, and the grants."""

    actions: set[tuple[str, ...]] = field(default_factory=set)
    grants: set[Grant] = field(default_factory=set)


def merge_grants(grants: Iterable[Grant]) -> tuple[Statement, ...]:
    """Return the grants as few statements in canonical order, each with a unique Sid.

    Raises BadValueError for a grant whose conditions have a key twice under one operator, which JSON cannot express.
    """
    scopes: dict[_Scope, dict[str, _OnResource]] = defaultdict(lambda: defaultdict(_OnResource))
    for grant in grants:
        terms = _terms(grant)
        for service, actions in _by_service(grant.actions).items():
            on = scopes[terms, service]
            for resource in grant.resources:
                on[resource].actions.add(actions)
                on[resource].grants.add(grant)
    return _numbered([merged for (terms, _), on in scopes.items() for merged in _merged(terms, on)])


def trace_statements(documents: Iterable[Document], grants: Iterable[Grant]) -> tuple[tuple[Statement, ...], ...]:
    """Return the statements of documents that were built from these grants, each with its grants."""
    by_terms: dict[_Terms, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_terms[_terms(grant)].append(grant)
    return tuple(tuple(_traced(element, by_terms) for element in statements_of(document)) for document in documents)


def _traced(element: Mapping[str, Any], by_terms: Mapping[_Terms, Sequence[Grant]]) -> Statement:
    actions, resources = tuple(as_list(element["Action"])), tuple(as_list(element["Resource"]))
    conditions = conditions_of(element.get("Condition", {}))
    makers = {
        grant
        for grant in by_terms.get((element["Effect"], conditions), ())
        if not set(actions).isdisjoint(grant.actions) and not set(resources).isdisjoint(grant.resources)
    }
    return Statement(
        element.get("Sid", ""),
        element["Effect"],
        actions,
        resources,
        conditions,
        tuple(sorted(makers, key=_GRANT_ORDER)),
    )


@lru_cache(maxsize=1_024)
def _by_service(actions: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    by_service: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        by_service[action.partition(":")[0].lower()].append(action)
    return {service: tuple(of_service) for service, of_service in by_service.items()}


def _terms(grant: Grant) -> _Terms:
    conditions = tuple(
        sorted({(operator, key, tuple(sorted(set(values)))) for operator, key, values in grant.conditions})
    )
    if len({(operator, key) for operator, key, _ in conditions}) < len(conditions):
        raise BadValueError(f"a grant's conditions have a key twice under one operator: {conditions}")
    return grant.effect, conditions


def _merged(terms: _Terms, on: Mapping[str, _OnResource]) -> Iterator[Statement]:
    effect, conditions = terms
    # Many resources have the same actions, so each combination is joined only once.
    by_lists: dict[frozenset[tuple[str, ...]], list[str]] = defaultdict(list)
    for resource, given in on.items():
        by_lists[frozenset(given.actions)].append(resource)
    by_actions: dict[frozenset[str], list[str]] = defaultdict(list)
    for lists, resources in by_lists.items():
        by_actions[frozenset().union(*lists)] += resources
    for actions, resources in by_actions.items():
        makers = set().union(*(on[resource].grants for resource in resources))
        sid = statement_sid(effect, actions, conditions, {grant.rule for grant in makers})
        yield Statement(
            sid,
            effect,
            tuple(sorted(actions)),
            tuple(sorted(resources)),
            conditions,
            tuple(sorted(makers, key=_GRANT_ORDER)),
        )


def _numbered(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return statements in canonical order; equal Sids become ReadSecrets, ReadSecrets2 and so on."""
    ordered = sorted(
        statements, key=lambda statement: (statement.sid, statement.conditions, statement.actions, statement.resources)
    )
    taken = {statement.sid for statement in ordered}
    seen: Counter[str] = Counter()
    numbered = []
    for statement in ordered:
        seen[statement.sid] += 1
        # Skip numbers that result in the Sid of another statement, such as Put2.
        while seen[statement.sid] > 1 and f"{statement.sid}{seen[statement.sid]}" in taken:
            seen[statement.sid] += 1
        numbered.append(
            statement if seen[statement.sid] == 1 else replace(statement, sid=f"{statement.sid}{seen[statement.sid]}")
        )
    return tuple(numbered)
