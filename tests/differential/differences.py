"""Known differences between evaluators, each as a rewrite of a case to what the other evaluates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from taskrole.policy.conditions.operators import OPERATORS
from taskrole.policy.match import compile_glob
from tests.differential.generated import ACTIONS, Case

PAGES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
NEVER = {"never:present": "x"}


@dataclass(frozen=True)
class Difference:
    """A deviation of another program from the documentation of AWS, or its choice where that is silent.

    `page` is the page of AWS that decides. `rewrite` does not change a case if the difference cannot matter.
    """

    name: str
    explanation: str
    page: str
    rewrite: Callable[[Case], Case]


def fewest(differences: Sequence[Difference], case: Case, reproduces: Callable[[Case], bool]) -> str | None:
    """Return the names of the fewest differences whose rewrites, in this order, reproduce the other result."""
    for size in range(1, len(differences) + 1):
        for chosen in combinations(differences, size):
            rewritten = case
            for difference in chosen:
                rewritten = difference.rewrite(rewritten)
            if reproduces(rewritten):
                return " + ".join(difference.name for difference in chosen)
    return None


def each_statement(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Case], Case]:
    """Return a rewrite of cases that applies `change` to every statement."""

    def rewrite_document(document: dict[str, Any]) -> dict[str, Any]:
        statements = document["Statement"]
        listed = [statements] if isinstance(statements, dict) else statements
        return {**document, "Statement": [change(statement) for statement in listed]}

    def rewrite(case: Case) -> Case:
        rewritten = replace(
            case,
            documents=tuple(map(rewrite_document, case.documents)),
            boundary=case.boundary and rewrite_document(case.boundary),
        )
        # A single statement is equal to a list of one.
        same = all(
            [original["Statement"]] == other["Statement"] or original["Statement"] == other["Statement"]
            for original, other in zip(_documents(case), _documents(rewritten), strict=True)
        )
        return case if same else rewritten

    return rewrite


def _documents(case: Case) -> list[dict[str, Any]]:
    return [*case.documents, *([case.boundary] if case.boundary else [])]


def each_operator(change: Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]) -> Callable[[Case], Case]:
    """Return a rewrite of cases that applies `change` to every operator of a Condition, with its keys and values."""

    def rewrite(statement: dict[str, Any]) -> dict[str, Any]:
        block: dict[str, Any] = {}
        for operator, pairs in statement.get("Condition", {}).items():
            name, changed = change(operator, pairs)
            existing = block.setdefault(name, {})
            for key, values in changed.items():
                # Two operators may become the same; a key of both is kept twice, since keys are case-insensitive.
                existing[key.swapcase() if key in existing else key] = values
        return {**statement, "Condition": block} if block else statement

    return each_statement(rewrite)


def empty_text_is_a_value(case: Case) -> Case:
    """Return the case with text in place of every empty text, which set operators read as no value."""
    stand_in = "(empty)"

    def filled(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(map(filled, value))
        return stand_in if value == "" else value

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return operator, {key: filled(value) for key, value in pairs.items()}

    rewritten = each_operator(change)(case)
    return replace(rewritten, context={key: filled(value) for key, value in case.context.items()})


def _unknown_is_false(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return ("StringEquals", NEVER) if operator == "StringNear" else (operator, pairs)


def _any_case(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    prefix, colon, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    prefix = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}.get(prefix.lower(), prefix)
    known = {operator.lower(): operator for operator in OPERATORS}.get(base.lower(), base)
    return f"{prefix}{colon}{known}{name[len(base) :]}", pairs


def _wildcard_prefix(statement: dict[str, Any]) -> dict[str, Any]:
    def spelled_out(pattern: str) -> list[str]:
        if "*" not in pattern.partition(":")[0] or pattern == "*":
            return [pattern]
        glob = compile_glob(pattern.lower())
        return [action for action in ACTIONS if glob.matches(action.lower())] or ["never:Called"]

    element = "Action" if "Action" in statement else "NotAction"
    given = statement[element]
    patterns = [given] if isinstance(given, str) else given
    spelled = [action for pattern in patterns for action in spelled_out(pattern)]
    return statement if spelled == patterns else {**statement, element: spelled}


UNKNOWN_OPERATOR = each_operator(_unknown_is_false)
OPERATOR_CASE = each_operator(_any_case)
WILDCARD_PREFIX = each_statement(_wildcard_prefix)
