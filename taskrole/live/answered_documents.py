"""What a policy document that AWS answers must be, so that everything that reads documents can read it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

_TEXTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


def document_problem(document: Any) -> str | None:
    """Return what is wrong with the form of a parsed policy document, or None; names and ARNs are not checked."""
    if not isinstance(document, Mapping):
        return "it is no object"
    for key in ("Version", "Id"):
        if key in document and not isinstance(document[key], str):
            return f"{key} must be text"
    if "Statement" not in document:
        return "Statement is missing"
    statements = document["Statement"]
    if isinstance(statements, Mapping):
        return _statement_problem(statements, "Statement")
    if not isinstance(statements, list):
        return "Statement must be an array or an object"
    problems = (_statement_problem(one, f"Statement[{index}]") for index, one in enumerate(statements))
    return next((problem for problem in problems if problem), None)


def _statement_problem(statement: Any, path: str) -> str | None:
    if not isinstance(statement, Mapping):
        return f"{path} must be an object"
    return next((f"{path}.{problem}" for problem in _element_problems(statement)), None)


def _element_problems(statement: Mapping[str, Any]) -> Iterator[str]:
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect must be Allow or Deny"
    if not isinstance(statement.get("Sid", ""), str):
        yield "Sid must be text"
    for key in _TEXTS:
        if key in statement and not _is_texts(statement[key]):
            yield f"{key} must be text or an array of texts"
    for key in _PRINCIPALS:
        if key in statement and not _is_principal(statement[key]):
            yield f"{key} must be * or an object of texts"
    if "Condition" in statement and not _is_condition(statement["Condition"]):
        yield "Condition must be an object of objects of values"


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _is_principal(value: Any) -> bool:
    return value == "*" or (isinstance(value, Mapping) and all(map(_is_texts, value.values())))


def _is_condition(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(keys, Mapping) and all(map(_is_values, keys.values())) for keys in value.values()
    )


def _is_values(value: Any) -> bool:
    return all(map(_is_value, value)) if isinstance(value, list) else _is_value(value)


def _is_value(value: Any) -> bool:
    return isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value))
