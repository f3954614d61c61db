"""The schema of a policy document: the type of each element. All external documents are validated against it.

Names of actions, operators and keys are not checked. Code that receives a validated document need not check types.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from taskrole.errors import quote
from taskrole.policy.documents.statements import VERSION, VERSION_WHEN_ABSENT, Document
from taskrole.strict_json import RefusedError, parse_constant, parse_float, parse_int, refuse_lone_surrogates

# Far above every AWS quota, even with white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST_TEXT = 1024 * 1024  # characters

PRINCIPAL_TYPES = ("AWS", "CanonicalUser", "Federated", "Service")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")


class MalformedPolicyError(ValueError):
    """The text is not a policy document; the message is a clause that follows the document's name."""


def parse_policy(text: object) -> Document:
    """Return the policy document in a JSON text.

    Raises MalformedPolicyError for text that is not JSON, a duplicate key (parsers differ on which value counts), NaN
    or infinity, lone surrogates, more than 1 Mi characters, or JSON that is not a policy.
    """
    if not isinstance(text, (str, bytes, bytearray)):
        raise MalformedPolicyError("it is not JSON")
    if len(text) > LARGEST_TEXT:
        raise MalformedPolicyError(f"it is malformed: it has more than {LARGEST_TEXT} characters")
    try:
        text = text if isinstance(text, str) else text.decode()
        data = _DECODER.decode(text)
        refuse_lone_surrogates(text, data)
    except RefusedError as error:
        raise MalformedPolicyError(f"it is malformed: it {error}") from None
    except (ValueError, RecursionError):
        raise MalformedPolicyError("it is not JSON") from None
    if not isinstance(data, Mapping) or not isinstance(data.get("Statement"), (list, Mapping)):
        raise MalformedPolicyError("it is not a JSON object with a Statement")
    problem = document_problem(data)
    if problem:
        raise MalformedPolicyError(f"it is malformed: {problem}")
    return data


def document_problem(document: object) -> str | None:
    """Return what is wrong with the types in a policy document, a clause without its name, or None."""
    if not isinstance(document, Mapping):
        return f"a policy must be an object with Statement; got {quote(document)}"
    version = document.get("Version", VERSION_WHEN_ABSENT)
    if version not in (VERSION, VERSION_WHEN_ABSENT):
        return f"Version must be {VERSION} or {VERSION_WHEN_ABSENT}; got {quote(version)}"
    if not isinstance(document.get("Id", ""), str):
        return f"Id must be text; got {quote(document['Id'])}"
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, Mapping) else statements
    if not isinstance(statements, list):
        return f"Statement must be an object or a list of objects; got {quote(statements)}"
    for number, statement in enumerate(statements, 1):
        problem = statement_problem(statement)
        if problem:
            return f"statement {number}: {problem}"
    return None


def statement_problem(statement: object) -> str | None:
    """Return what is wrong with the types in a statement, or None."""
    if not isinstance(statement, Mapping):
        return f"must be an object; got {quote(statement)}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"Effect must be Allow or Deny; got {quote(statement.get('Effect'))}"
    if not isinstance(statement.get("Sid", ""), str):
        return f"Sid must be text; got {quote(statement['Sid'])}"
    for key in _LISTS:
        if key in statement and not _is_texts(statement[key]):
            return f"{key} must be text or a list of text; got {quote(statement[key])}"
    for key in ("Principal", "NotPrincipal"):
        problem = _principal_problem(statement[key]) if key in statement else None
        if problem:
            return f"{key} {problem}"
    problem = _condition_problem(statement["Condition"]) if "Condition" in statement else None
    return f"Condition {problem}" if problem else None


def _principal_problem(value: object) -> str | None:
    if isinstance(value, str):
        return None
    if not isinstance(value, Mapping):
        return f'must be "*" or an object; got {quote(value)}'
    for kind, names in value.items():
        if kind not in PRINCIPAL_TYPES:
            return f"has types {', '.join(PRINCIPAL_TYPES)}; got {quote(kind)}"
        if not _is_texts(names):
            return f"{kind} must be text or a list of text; got {quote(names)}"
    return None


def _condition_problem(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return f"must be an object of operators; got {quote(value)}"
    for operator, tests in value.items():
        if not isinstance(operator, str) or not isinstance(tests, Mapping):
            return f"{quote(operator)} must be an object of keys and values; got {quote(tests)}"
        for key, values in tests.items():
            if not isinstance(key, str) or not _is_condition_value(values):
                return (
                    f"{operator}: {quote(key)} must be text, a finite number, a boolean or a list; got {quote(values)}"
                )
    return None


def is_scalar(value: object) -> bool:
    """Return whether a value is text, a boolean or a finite number, as a condition compares with."""
    return isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value))


def _is_condition_value(value: object) -> bool:
    return is_scalar(value) or (isinstance(value, list) and all(map(is_scalar, value)))


def _is_texts(value: object) -> bool:
    if not isinstance(value, list):
        return isinstance(value, str)
    # Lists can be long, and most are all text: check the set of types first.
    return set(map(type, value)) <= {str} or all(isinstance(item, str) for item in value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RefusedError(f"has the key {quote(key)} twice in one object")
            seen.add(key)
    return values


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=parse_constant, parse_int=parse_int, parse_float=parse_float
)
