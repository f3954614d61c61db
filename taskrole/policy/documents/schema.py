"""The shape of a policy document: which value each element takes. Every document from outside is checked with it.

It says nothing of what IAM knows (actions, operators, keys), only what the rest of the package relies on: a document
without a problem can be read, compared and written without a look at the type of any value in it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from taskrole.errors import shown
from taskrole.policy.documents.statements import VERSION, VERSION_WHEN_ABSENT, Document
from taskrole.strict_json import RefusedError, parse_constant, parse_float, parse_int, refuse_lone_surrogates

# Far above every quota of AWS, white space included: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST_TEXT = 1024 * 1024  # characters

PRINCIPAL_TYPES = ("AWS", "CanonicalUser", "Federated", "Service")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")


class MalformedPolicyError(ValueError):
    """A text that is no policy document; the message is a clause for a sentence that names the document."""


def parse_policy(text: object) -> Document:
    """Return the policy document in a JSON text.

    Raises MalformedPolicyError for what is no JSON, has a key twice in an object (readers differ on which counts),
    NaN or infinity, lone surrogates, more than 1 Mi characters, or not the shape of a policy.
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
    """Return what is wrong with the shape of a policy document, a clause without its name, or None."""
    if not isinstance(document, Mapping):
        return f"a policy must be an object with Statement; got {shown(document)}"
    version = document.get("Version", VERSION_WHEN_ABSENT)
    if version not in (VERSION, VERSION_WHEN_ABSENT):
        return f"Version must be {VERSION} or {VERSION_WHEN_ABSENT}; got {shown(version)}"
    if not isinstance(document.get("Id", ""), str):
        return f"Id must be text; got {shown(document['Id'])}"
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, Mapping) else statements
    if not isinstance(statements, list):
        return f"Statement must be an object or a list of objects; got {shown(statements)}"
    for number, statement in enumerate(statements, 1):
        problem = statement_problem(statement)
        if problem:
            return f"statement {number}: {problem}"
    return None


def statement_problem(statement: object) -> str | None:
    """Return what is wrong with the shape of a statement, or None."""
    if not isinstance(statement, Mapping):
        return f"must be an object; got {shown(statement)}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"Effect must be Allow or Deny; got {shown(statement.get('Effect'))}"
    if not isinstance(statement.get("Sid", ""), str):
        return f"Sid must be text; got {shown(statement['Sid'])}"
    for key in _LISTS:
        if key in statement and not _is_texts(statement[key]):
            return f"{key} must be text or a list of text; got {shown(statement[key])}"
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
        return f'must be "*" or an object; got {shown(value)}'
    for kind, names in value.items():
        if kind not in PRINCIPAL_TYPES:
            return f"has types {', '.join(PRINCIPAL_TYPES)}; got {shown(kind)}"
        if not _is_texts(names):
            return f"{kind} must be text or a list of text; got {shown(names)}"
    return None


def _condition_problem(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return f"must be an object of operators; got {shown(value)}"
    for operator, tests in value.items():
        if not isinstance(operator, str) or not isinstance(tests, Mapping):
            return f"{shown(operator)} must be an object of keys and values; got {shown(tests)}"
        for key, values in tests.items():
            if not isinstance(key, str) or not _is_condition_value(values):
                return (
                    f"{operator}: {shown(key)} must be text, a finite number, a boolean or a list; got {shown(values)}"
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
    # Lists can be long, and hold text alone: their types are looked at together.
    return set(map(type, value)) <= {str} or all(isinstance(item, str) for item in value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RefusedError(f"has the key {shown(key)} twice in one object")
            seen.add(key)
    return values


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=parse_constant, parse_int=parse_int, parse_float=parse_float
)
