"""Compares the evaluator with that of ministack on generated cases, and explains every difference.

The result of ministack is allow or deny, that of this project may be unknown. Each known difference is a rewrite of
the case to what ministack evaluates, so that this project gives the result of ministack. A
disagreement is explained by the fewest rewrites that reproduce it, and otherwise unexplained.

    python -m tests.differential.against_ministack 5000 [first seed]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator as ministack

from taskrole.policy.evaluation.evaluate import Request, evaluate
from tests.differential.differences import (
    OPERATOR_CASE,
    PAGES,
    UNKNOWN_OPERATOR,
    WILDCARD_PREFIX,
    Difference,
    each_operator,
    empty_text_is_a_value,
    fewest,
)
from tests.differential.generated import ACCOUNT, ALWAYS, PRINCIPAL, REGION, SOURCE_IP, Case, generate_case
from tests.differential.tally import Tally, report
from tests.policy_documents import inline_policies


def ours(case: Case) -> str:
    """Return allow, deny or cannot tell."""
    request = Request(case.action, case.resource, {**ALWAYS, **case.context}, complete=True)
    return evaluate(inline_policies(case.documents), request, case.boundary).outcome


def theirs(case: Case) -> str:
    """Return allow or deny."""
    context = ministack.EvalContext(
        principal_arn=PRINCIPAL,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=case.action,
        resource_arn=case.resource,
        region=REGION,
        source_ip=SOURCE_IP,
        secure_transport=True,
        service_context={
            key.lower(): list(value) if isinstance(value, tuple) else value for key, value in case.context.items()
        },
    )
    policies = [ministack.parse_policy_document(document) for document in case.documents]
    limits = [] if case.boundary is None else [[ministack.parse_policy_document(case.boundary)]]
    decision = ministack.evaluate(context, policies, *limits).decision
    return {"Allow": "allow", "Deny": "deny", "ImplicitDeny": "deny"}[decision]


def compare(count: int, first_seed: int = 0) -> Tally:
    """Return the tally of `count` cases."""
    tally = Tally()
    for seed in range(first_seed, first_seed + count):
        case = generate_case(seed)
        own, other = ours(case), theirs(case)
        tally.pairs += 1
        if own == other:
            tally.agreed[own] += 1
            continue
        name = explain(case, other)
        if name is None:
            tally.unexplained.append((seed, own, other))
        else:
            tally.explained[name] += 1
    return tally


def explain(case: Case, other: str) -> str | None:
    """Return the fewest differences that turn the result of this evaluator into the other result."""
    return fewest(DIFFERENCES, case, lambda rewritten: ours(rewritten) == other)


def _without_variables(case: Case) -> Case:
    def old(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "Version": "2008-10-17"} if "${" in str(document) else document

    return replace(case, documents=tuple(map(old, case.documents)), boundary=case.boundary and old(case.boundary))


def _arns_as_text(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    for name in ("ArnNotLike", "ArnNotEquals", "ArnLike", "ArnEquals"):
        if name in operator:
            return operator.replace(name, "StringNotLike" if "Not" in name else "StringLike"), pairs
    return operator, pairs


def _list_as_text(case: Case) -> Case:
    # Set operators keep the values: only those of keys tested without one are rewritten, under another name.
    names = {key: f"{key}-as-text" for key, value in case.context.items() if isinstance(value, tuple)}
    if not names:
        return case
    lower = {key.lower(): name for key, name in names.items()}

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ":" in operator or operator == "Null":
            return operator, pairs
        return operator, {lower.get(key.lower(), key): value for key, value in pairs.items()}

    rewritten = each_operator(change)(case)
    if rewritten == case:
        return case
    texts = {name: str(list(case.context[key])) for key, name in names.items()}
    return replace(rewritten, context={**rewritten.context, **texts})


def _no_tag_keys_are_an_empty_list(case: Case) -> Case:
    if "aws:TagKeys" in case.context:
        return case

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if ":" in operator:
            # The empty list satisfies ForAllValues and not ForAnyValue, with IfExists or without.
            return operator.removesuffix("IfExists"), pairs
        return operator, {"aws:TagKeys-as-text" if key.lower() == "aws:tagkeys" else key: v for key, v in pairs.items()}

    def only_tag_keys(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return change(operator, pairs) if any(key.lower() == "aws:tagkeys" for key in pairs) else (operator, pairs)

    rewritten = each_operator(only_tag_keys)(case)
    return case if rewritten == case else replace(rewritten, context={**case.context, "aws:TagKeys-as-text": "[]"})


def _if_exists_wins(case: Case) -> Case:
    present = {key.lower() for key in (*ALWAYS, *case.context)}

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if not (operator.startswith("ForAnyValue:") and operator.endswith("IfExists")):
            return operator, pairs
        return operator, {key: value for key, value in pairs.items() if key.lower() in present}

    return each_operator(change)(case)


DIFFERENCES = (
    Difference(
        "operator case",
        "ministack reads operators in any case; the pages give one spelling, and this project cannot tell for others.",
        f"{PAGES}reference_policies_grammar.html",
        OPERATOR_CASE,
    ),
    Difference(
        "variables",
        "ministack puts no values in the place of policy variables, and knows neither their defaults nor the escapes "
        "${*}, ${?} and ${$}: it compares them as the text they are written in.",
        f"{PAGES}reference_policies_variables.html",
        _without_variables,
    ),
    Difference(
        "arn components",
        "ministack matches ARN operators over the whole text, so that a wildcard spans the colons between the six "
        "components, which AWS compares one by one.",
        f"{PAGES}reference_policies_elements_condition_operators.html#Conditions_ARN",
        each_operator(_arns_as_text),
    ),
    Difference(
        "unknown operator",
        "ministack takes an operator that does not exist as not met, also in a Deny; IAM stores no such policy, "
        "and this project cannot tell.",
        f"{PAGES}reference_policies_grammar.html",
        UNKNOWN_OPERATOR,
    ),
    Difference(
        "wildcard in prefix",
        "ministack matches wildcards in an action's service prefix; AWS's grammar has them in the name only, and this "
        "project cannot tell.",
        f"{PAGES}reference_policies_grammar.html",
        WILDCARD_PREFIX,
    ),
    Difference(
        "several values",
        "Without a set operator ministack compares a multivalued key as the text of a Python list; AWS says that "
        "such keys require one, and this project cannot tell.",
        f"{PAGES}reference_policies_condition-single-vs-multi-valued-context-keys.html",
        _list_as_text,
    ),
    Difference(
        "no tag keys",
        "ministack has aws:TagKeys in every request, as an empty list, so that Null finds it and negated operators "
        "compare the text []; AWS's key is absent from a request without tags.",
        f"{PAGES}reference_policies_condition-keys.html#condition-keys-tagkeys",
        _no_tag_keys_are_an_empty_list,
    ),
    Difference(
        "empty text",
        "To ministack an empty string is a value like others for set operators; AWS says that it is an empty data set, "
        "true of ForAllValues and false of ForAnyValue.",
        f"{PAGES}reference_policies_condition-single-vs-multi-valued-context-keys.html",
        empty_text_is_a_value,
    ),
    Difference(
        "any value if exists",
        "To ministack ForAnyValue with IfExists is true of an absent key; AWS says that IfExists is true of one and "
        "ForAnyValue false, but not which of the two wins, and this project cannot tell.",
        f"{PAGES}reference_policies_elements_condition_operators.html#Conditions_IfExists",
        _if_exists_wins,
    ),
)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(compare(*map(int, sys.argv[1:]))))
