r"""Policies as they stand to one call whose resource is a pattern: what is certain of all of it, and what is possible.

A policy that names `…:secret:db-AbCdEf` allows a part of `…:secret:db-??????`; whether it is the right part, nobody can
tell. So each statement is taken twice. At the least, an Allow counts where it takes in the whole pattern and a Deny
where it touches it; at the most, the other way round. What the least allows is allowed, what the most does not is not.

    pattern of the call      Allow on                  at the least    at the most
    db-??????                db-*                      yes             yes
    db-??????                db-AbCdEf                 no              yes
    db-??????                mail-*                    no              no

Conditions that every such request meets, since the call is only made under them, are taken as met in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.check.calls import Call
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.documents.statements import as_list
from taskrole.policy.patterns import contains, overlaps, without_variables
from taskrole.role import Policy

_VERSION_WITH_VARIABLES = "2012-10-17"


def bounded(policy: Policy, call: Call, *, at_most: bool) -> Policy:
    """Return what a policy is to a call, at the least or at the most; malformed parts stay as they are."""
    document = policy.document
    if not isinstance(document, Mapping) or not isinstance(document.get("Statement"), (list, tuple, Mapping)):
        return policy
    variables = document.get("Version") == _VERSION_WITH_VARIABLES
    statements = [
        found
        for one in as_list(document["Statement"])
        for found in _statements(one, call, variables=variables, at_most=at_most)
    ]
    return Policy(policy.name, policy.kind, {**document, "Statement": statements})


def _statements(statement: Any, call: Call, *, variables: bool, at_most: bool) -> Iterator[Any]:
    if not isinstance(statement, Mapping):
        yield statement
        return
    freed = _without_met_conditions(statement, call, variables=variables)
    if call.resource is not None:
        # One text: the evaluator tells exactly, variables included.
        yield freed
        return
    element = next((name for name in ("Resource", "NotResource") if name in freed), None)
    patterns = as_list(freed[element]) if element else []
    if not patterns or not all(isinstance(one, str) for one in patterns) or {"Resource", "NotResource"} <= freed.keys():
        yield freed
        return
    if not variables:
        patterns = [without_variables(one) for one in patterns]
    wide = at_most == (freed.get("Effect") == "Allow")
    if element == "Resource":
        test = overlaps if wide else contains
        applies = any(test(one, call.pattern) for one in patterns)
    else:
        test = contains if wide else overlaps
        applies = not any(test(one, call.pattern) for one in patterns)
    if applies:
        yield {**{key: value for key, value in freed.items() if key != element}, "Resource": "*"}


def _without_met_conditions(statement: Mapping[str, Any], call: Call, *, variables: bool) -> Mapping[str, Any]:
    """Return a statement without the conditions that hold of every request of a call."""
    block = statement.get("Condition")
    if not call.conditions or not isinstance(block, Mapping):
        return statement
    left = {operator: _unmet(operator, pairs, call, variables=variables) for operator, pairs in block.items()}
    left = {operator: pairs for operator, pairs in left.items() if pairs != {}}
    return {**statement, "Condition": left}


def _unmet(operator: Any, pairs: Any, call: Call, *, variables: bool) -> Any:
    if not isinstance(operator, str) or not isinstance(pairs, Mapping):
        return pairs
    return {key: value for key, value in pairs.items() if not _is_met(operator, key, value, call, variables=variables)}


def _is_met(operator: str, key: Any, value: Any, call: Call, *, variables: bool) -> bool:
    values = as_list(value)
    if not isinstance(key, str) or not values or not all(isinstance(one, str) for one in values):
        return False
    texts = tuple(sorted(values if variables else map(without_variables, values)))
    return implies(call.conditions, ((operator, key, texts),))
