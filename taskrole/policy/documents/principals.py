"""The principals that a statement names.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.policy.documents.statements import as_list


def named_principals(element: Any) -> Iterator[tuple[str, Any]]:
    """Yield the kind and name of each principal in a Principal or NotPrincipal element: `("AWS", "arn:…")`.

    The kind is empty for plain text (IAM accepts only `*`). Malformed elements yield nothing.
    """
    if isinstance(element, Mapping):
        for kind, names in element.items():
            yield from ((kind, name) for name in as_list(names))
    elif isinstance(element, str):
        yield "", element


def principals_of_kind(statement: Mapping[str, Any], kind: str) -> list[Any]:
    """Return the names of one kind in the Principal element of a statement."""
    return [name for of_kind, name in named_principals(statement.get("Principal")) if of_kind == kind]
