r"""Evaluates whether a statement applies to a call whose resource is a pattern: to all of it, or to a part of it.

A policy that names `…:secret:db-AbCdEf` allows a part of `…:secret:db-??????`; whether that part is the needed one is
unknown. So each statement is evaluated twice. "At least": an Allow applies if it contains the pattern, a Deny if it
overlaps it. "At most": an Allow applies if it overlaps, a Deny if it contains. A call is allowed if it is allowed "at
least", denied if it is not allowed "at most", and unknown otherwise.

    pattern of the call      Allow on                  at least        at most
    db-??????                db-*                      yes             yes
    db-??????                db-AbCdEf                 no              yes
    db-??????                mail-*                    no              no

Conditions of the call itself are met in both evaluations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.grant import Condition
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.conditions.three_valued import Truth, Unknown, all_of, negate
from taskrole.policy.documents.statements import as_list
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.compiled import CompiledStatement
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.patterns import contains, overlaps, without_variables


def applies_to_call(statement: CompiledStatement, call: Call, keys: ContextKeys, *, at_most: bool) -> Truth:
    """Return whether a statement applies to a call, regardless of the action; `keys` are the call's context keys."""
    return all_of(_truths(statement, call, keys, at_most=at_most))


def _truths(statement: CompiledStatement, call: Call, keys: ContextKeys, *, at_most: bool) -> Iterator[Truth]:
    yield _covers_resource(statement, call, keys, at_most=at_most)
    yield from statement.doubts
    if statement.conditions:
        triples = _triples(statement) if call.conditions else ()
        for index, condition in enumerate(statement.conditions):
            holds = condition.holds(keys)
            if holds is not True:
                triple = triples[index] if triples else None
                yield holds if triple is None or not implies(call.conditions, (triple,)) else True


def _covers_resource(statement: CompiledStatement, call: Call, keys: ContextKeys, *, at_most: bool) -> Truth:
    resources = statement.resources
    if isinstance(resources, Unknown):
        return resources
    if call.resource is not None:
        return resources.cover(call.resource, keys)
    wide = at_most == (statement.effect == "Allow")
    if resources.everything:
        return not resources.negated
    test = overlaps if wide is not resources.negated else contains
    covered: Truth = any(test(pattern, call.pattern) for pattern in resources.patterns)
    if not covered and any(overlaps(completed, call.pattern) for completed in resources.completed):
        covered = Unknown("an ARN of its resources lacks some of the six fields")
    return negate(covered) if resources.negated else covered


def _triples(statement: CompiledStatement) -> tuple[Condition | None, ...]:
    """Return the conditions of a statement in the order of the compiled conditions; None for a malformed one."""
    block = statement.source.get("Condition") if statement.source else None
    if not isinstance(block, Mapping):
        return (None,)
    triples: list[Condition | None] = []
    for operator, pairs in block.items():
        if isinstance(pairs, Mapping):
            triples += (_triple(operator, key, value, variables=statement.variables) for key, value in pairs.items())
        else:
            triples.append(None)
    return tuple(triples)


def _triple(operator: Any, key: Any, value: Any, *, variables: bool) -> Condition | None:
    values = as_list(value)
    if not isinstance(operator, str) or not isinstance(key, str) or not all(isinstance(text, str) for text in values):
        return None
    texts = values if variables else map(without_variables, values)
    return (operator, key, tuple(sorted(texts))) if values else None
