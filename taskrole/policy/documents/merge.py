"""Merges grants into few statements that allow exactly what the grants allow.

Merging never adds permissions. Within one effect, one set of conditions and one service, every resource gets the union
of the actions granted on it, and resources with the same actions share a statement: the (action, resource, conditions)
triples of the statements are exactly those of the grants, regardless of the order of the grants.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError
from taskrole.grant import GRANT_ORDER, Condition, Effect, Grant, condition_block, conditions_of
from taskrole.policy.documents.sids import statement_sid
from taskrole.policy.documents.statements import VERSION, Document, as_list, statements_of


@dataclass(frozen=True)
class Statement:
    """A statement, in canonical order.

    `grants` are those behind it, if `trace_statements` made it: each grants at least one of its actions on one of its
    resources.
    """

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


def statements_document(statements: Iterable[Statement]) -> Document:
    """Return the document of statements with unique Sids in the form of `canonical`, in less time."""
    elements = [statement.element() for statement in statements]
    for element in elements:
        for key in ("Action", "Resource"):
            if len(element[key]) == 1:
                (element[key],) = element[key]
    return {"Version": VERSION, "Statement": sorted(elements, key=itemgetter("Sid"))}


# Statements are merged only within a scope: one service per statement keeps them readable and easy to name.
_Terms: TypeAlias = tuple[Effect, tuple[Condition, ...]]
_Scope: TypeAlias = tuple[_Terms, str]


# The actions of a grant that belong to one service, and its rule.
_Given: TypeAlias = tuple[tuple[str, ...], str]


def merge_grants(grants: Iterable[Grant]) -> tuple[Statement, ...]:
    """Return the grants as few statements in canonical order, each with a unique Sid.

    Raises BadValueError for a grant whose conditions have a key twice under one operator, which JSON cannot express.
    """
    # Many grants differ only in their resources and causes.
    alike: dict[tuple[Effect, tuple[Condition, ...], tuple[str, ...], str], list[str]] = defaultdict(list)
    for grant in grants:
        alike[grant.effect, grant.conditions, grant.actions, grant.rule] += grant.resources
    scopes: dict[_Scope, list[tuple[_Given, list[str]]]] = defaultdict(list)
    for (effect, conditions, all_actions, rule), resources in alike.items():
        terms = effect, _sorted_conditions(conditions)
        for service, actions in _by_service(all_actions).items():
            scopes[terms, service].append(((actions, rule), resources))
    return _numbered([merged for (terms, _), given in scopes.items() for merged in _merged(terms, given)])


def trace_statements(documents: Iterable[Document], grants: Iterable[Grant]) -> tuple[tuple[Statement, ...], ...]:
    """Return the statements of documents that were built from these grants, each with its grants."""
    by_terms: dict[_Terms, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_terms[grant.effect, _sorted_conditions(grant.conditions)].append(grant)
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
        tuple(sorted(makers, key=GRANT_ORDER)),
    )


@lru_cache(maxsize=1_024)
def _by_service(actions: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    by_service: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        by_service[action.partition(":")[0].lower()].append(action)
    return {service: tuple(of_service) for service, of_service in by_service.items()}


@lru_cache(maxsize=1_024)
def _sorted_conditions(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    ordered = tuple(sorted({(operator, key, tuple(sorted(set(values)))) for operator, key, values in conditions}))
    if len({(operator, key) for operator, key, _ in ordered}) < len(ordered):
        raise BadValueError(f"a grant's conditions have a key twice under one operator: {ordered}")
    return ordered


def _merged(terms: _Terms, given: Sequence[tuple[_Given, list[str]]]) -> Iterator[Statement]:
    effect, conditions = terms
    by_actions: dict[frozenset[str], tuple[list[str], set[str]]] = defaultdict(lambda: ([], set()))
    for given_to_all, some in _by_given(given):
        resources, rules = by_actions[frozenset().union(*(actions for actions, _ in given_to_all))]
        resources += some
        rules.update(rule for _, rule in given_to_all)
    for actions, (resources, rules) in by_actions.items():
        sid = statement_sid(effect, actions, conditions, frozenset(rules))
        yield Statement(sid, effect, tuple(sorted(actions)), tuple(sorted(resources)), conditions)


def _by_given(given: Sequence[tuple[_Given, list[str]]]) -> Iterable[tuple[Iterable[_Given], Iterable[str]]]:
    """Return what resources are given, with all resources that are given the same, so that it is joined only once."""
    if len(given) == 1:
        ((only, resources),) = given
        return [([only], set(resources))]
    on: dict[str, set[_Given]] = defaultdict(set)
    for permission, resources in given:
        for resource in resources:
            on[resource].add(permission)
    by_given: dict[frozenset[_Given], list[str]] = defaultdict(list)
    for resource, given_to_it in on.items():
        by_given[frozenset(given_to_it)].append(resource)
    return by_given.items()


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
