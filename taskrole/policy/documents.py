"""Policy documents: one canonical form, one text, one way to count.

Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

# A document as plain JSON data: {"Version": …, "Statement": [{…}, …]}.
Document = Mapping[str, Any]

VERSION = "2012-10-17"
LARGEST_MANAGED_POLICY = 6_144
LARGEST_INLINE_SUM = 10_240
LARGEST_TRUST_POLICY = 2_048

_STATEMENT_ORDER = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_SETS = ("Action", "NotAction", "Resource", "NotResource")


def policy_document(statements: Sequence[Mapping[str, Any]]) -> Document:
    """Return a canonical document of these statements."""
    return canonical({"Version": VERSION, "Statement": list(statements)})


def canonical(document: Document) -> Document:
    """Return an equivalent document in the one order that taskrole writes.

    Statements are sorted by Sid, then by content; actions and resources are sorted and freed of repetitions, one
    alone stands as a plain string; keys come in the order in which AWS's pages show them.
    """
    statements = document["Statement"]
    if isinstance(statements, Mapping):
        statements = [statements]
    ordered = sorted(map(_canonical_statement, statements), key=lambda one: (one.get("Sid", ""), json.dumps(one)))
    others = {key: value for key, value in document.items() if key not in ("Version", "Statement")}
    return {"Version": document.get("Version", VERSION), **others, "Statement": ordered}


def policy_text(document: Document) -> str:
    """Return a document as indented JSON: readable in a plan, and the one shape that CDKTF renders rightly as HCL."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def policy_size(document: Document) -> int:
    """Return a document's size in characters as IAM counts it: white space between the JSON's parts left out."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _canonical_statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    known = [key for key in _STATEMENT_ORDER if key in statement]
    others = sorted(key for key in statement if key not in _STATEMENT_ORDER)
    return {key: _canonical_part(key, statement[key]) for key in (*known, *others)}


def _canonical_part(key: str, value: Any) -> Any:
    if key in _SETS:
        return _canonical_set(value)
    if key in ("Principal", "NotPrincipal") and isinstance(value, Mapping):
        return {kind: _canonical_set(value[kind]) for kind in sorted(value)}
    if key == "Condition":
        return {
            operator: {name: _canonical_set(value[operator][name]) for name in sorted(value[operator])}
            for operator in sorted(value)
        }
    return value


def _canonical_set(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    unique = sorted(set(value), key=str)
    return unique[0] if len(unique) == 1 else unique
