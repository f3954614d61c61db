"""Policy documents: one canonical form, one text, one way to count.

Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

# A document as plain JSON data: {"Version": …, "Statement": [{…}, …]}.
Document = Mapping[str, Any]

VERSION = "2012-10-17"
LARGEST_MANAGED_POLICY = 6_144
LARGEST_INLINE_SUM = 10_240
LARGEST_TRUST_POLICY = 2_048

# What a document without a Version is: policy variables are plain text in it, and `canonical` must not change that.
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


def policy_document(statements: Sequence[Mapping[str, Any]]) -> Document:
    """Return a canonical document of these statements."""
    return canonical({"Version": VERSION, "Statement": list(statements)})


def canonical(document: Document) -> Document:
    """Return an equivalent document in the one order that taskrole writes.

    Statements are sorted by Sid, then by content; actions and resources are sorted and freed of repetitions, one
    alone stands as a plain string; keys come in the order in which AWS's pages show them.
    """
    statements = map(_canonical_statement, statements_of(document))
    ordered = sorted(statements, key=lambda one: (one.get("Sid", ""), json.dumps(one)))
    others = {key: value for key, value in document.items() if key not in ("Version", "Statement")}
    return {"Version": document.get("Version", VERSION_WHEN_ABSENT), **others, "Statement": ordered}


def statements_of(document: Document) -> list[Mapping[str, Any]]:
    """Return a document's statements; one may stand without a list, as IAM allows."""
    statements = document["Statement"]
    return [statements] if isinstance(statements, Mapping) else list(statements)


def as_list(value: Any) -> list[Any]:
    """Return an element's values, of which one may stand without a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def policy_text(document: Document) -> str:
    """Return a document as indented JSON: readable in a plan, and the one shape that CDKTF renders rightly as HCL."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def compact_text(document: Document) -> str:
    """Return a document as JSON without white space between its parts."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def policy_size(document: Document) -> int:
    """Return a document's size in characters as IAM counts it: white space between the JSON's parts left out.

    AWS does not say whether white space inside of strings counts. It is counted here, so that what is found to fit
    does fit.
    """
    return len(compact_text(document))


def unwritable_character(text: str) -> str | None:
    """Return the first character of a text that IAM takes in no policy, or None: those above U+00FF, and controls.

    Source: the pattern of PolicyDocument, https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    """
    if text.isascii() and text.isprintable():
        return None
    found = _UNWRITABLE.search(text)
    return found.group() if found else None


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
    # By type, too: for Python 1 and true are equal, for IAM they are not.
    by_text = {(str(item), type(item).__name__): item for item in value}
    unique = [by_text[key] for key in sorted(by_text)]
    return unique[0] if len(unique) == 1 else unique
