"""Compares documents of a review with those of IAM, with references resolved by the apply."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from taskrole.policy.documents.statements import Document, as_list, canonical, statements_of
from tests.e2e.post_apply.state import State

# A reference has a dot and no colon; variables of IAM have a colon. `${unknown}` and `${of …}` match any text.
_REFERENCE = re.compile(r"\$\{([^{}:]+)\}")


def same(expected: Document, held: Document, state: State) -> bool:
    """Return whether a document of a review, with resolved references, equals that of IAM."""
    if "Statement" not in expected or "Statement" not in held:
        return expected == held
    return canonical(_filled(expected, state)) == canonical(held)


def is_part(expected: Document, held: Document, state: State) -> bool:
    """Return whether each statement of a partly known document is, in its known part, in that of IAM."""
    statements = statements_of(held)
    return all(
        any(_is_part(_filled(statement, state), other) for other in statements) for statement in statements_of(expected)
    )


def asks_for_tag(documents: Iterable[Document], tag: str) -> bool:
    """Return whether any of these documents depends on a tag of the role."""
    text = json.dumps(list(documents)).lower()
    return f"aws:principaltag/{tag.lower()}" in text


def _filled(value: Any, state: State) -> Any:
    if isinstance(value, str):
        return _REFERENCE.sub(lambda reference: state.text(reference.group(1)) or reference.group(), value)
    if isinstance(value, Mapping):
        return {key: _filled(part, state) for key, part in value.items()}
    return [_filled(part, state) for part in value] if isinstance(value, list) else value


def _is_part(expected: Any, held: Any) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(held, Mapping) and all(key in held and _is_part(expected[key], held[key]) for key in expected)
    return all(any(_fits(value, other) for other in as_list(held)) for value in as_list(expected))


def _fits(expected: Any, held: Any) -> bool:
    """Return whether a text equals that of IAM; unknown parts match anything."""
    if not isinstance(expected, str) or not isinstance(held, str):
        return bool(expected == held)
    pattern = ".*".join(map(re.escape, _REFERENCE.sub("\0", expected).split("\0")))
    return re.fullmatch(pattern, held, re.DOTALL) is not None
