"""Policy documents: canonical form, text and size.

Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from taskrole.output.indented import indented_unicode

# A document as plain JSON data: {"Version": …, "Statement": [{…}, …]}.
Document = Mapping[str, Any]

VERSION = "2012-10-17"
LARGEST_MANAGED_POLICY = 6_144
LARGEST_INLINE_SUM = 10_240
LARGEST_TRUST_POLICY = 2_048

# The version of a document without Version: policy variables are plain text, and `canonical` must keep that.
VERSION_WHEN_ABSENT = "2008-10-17"

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
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\xff]")
_SETS = ("Action", "NotAction", "Resource", "NotResource")
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def policy_document(statements: Sequence[Mapping[str, Any]]) -> Document:
    """Return a canonical document of these statements."""
    return canonical({"Version": VERSION, "Statement": list(statements)})


def canonical(document: Document) -> Document:
    """Return an equivalent document in canonical order.

    Statements are sorted by Sid, then by content; actions and resources are sorted and deduplicated, and a single value
    is a plain string; keys are in the order of AWS's documentation.
    """
    ordered = [_canonical_statement(statement) for statement in statements_of(document)]
    if len(ordered) > 1:
        ordered.sort(key=lambda statement: (statement.get("Sid", ""), json.dumps(statement)))
    others = {key: value for key, value in document.items() if key not in ("Version", "Statement")}
    return {"Version": document.get("Version", VERSION_WHEN_ABSENT), **others, "Statement": ordered}


def statements_of(document: Document) -> list[Mapping[str, Any]]:
    """Return a document's statements; a single statement need not be in a list."""
    statements = document["Statement"]
    return [statements] if isinstance(statements, Mapping) else list(statements)


def as_list(value: Any) -> list[Any]:
    """Return an element's values; a single value need not be in a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def policy_text(document: Document) -> str:
    """Return a document as indented JSON: readable in a plan, and the only form that CDKTF renders correctly as HCL."""
    return indented_unicode(document)


def compact_text(document: Document) -> str:
    """Return a document as compact JSON."""
    return _COMPACT.encode(document)


def policy_size(document: Document) -> int:
    """Return a document's size in characters as IAM counts it, without the white space of the JSON.

    AWS does not document whether white space within strings counts. It is counted here, which is the safe choice.
    """
    return len(compact_text(document))


def unwritable_character(text: str) -> str | None:
    """Return the first character that IAM refuses in a policy (above U+00FF, or a control character), or None.

    Source: the pattern of PolicyDocument, https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    """
    if text.isascii() and text.isprintable():
        return None
    match = _UNWRITABLE.search(text)
    return match.group() if match else None


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
    # The type is part of the key, since 1 == True in Python but not in IAM.
    by_text = {(str(item), type(item).__name__): item for item in value}
    unique = [by_text[key] for key in sorted(by_text)]
    return unique[0] if len(unique) == 1 else unique
