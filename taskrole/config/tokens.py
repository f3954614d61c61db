"""Text anywhere in roles.yaml that CDKTF would replace, because it looks like a CDKTF token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.errors import Problem, quote
from taskrole.yaml_reader import Keys, Tree

# CDKTF replaces it by an unrelated value, even if it is escaped.
TOKEN = "${TfToken["  # noqa: S105 -- no password


def check_tokens(tree: Tree) -> Iterator[Problem]:
    """Yield a problem for each key and value that contains the beginning of a token."""
    if not _has_token(tree.data):
        return
    pending: list[tuple[Keys, Any]] = [((), tree.data)]
    while pending:
        keys, value = pending.pop()
        if isinstance(value, str):
            if TOKEN in value:
                yield _problem(tree, keys, value)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                if TOKEN in key:
                    yield _problem(tree, (*keys, key), key)
                pending.append(((*keys, key), item))
        elif isinstance(value, list):
            pending.extend(((*keys, index), item) for index, item in enumerate(value))


def _has_token(value: Any) -> bool:
    if isinstance(value, str):
        return TOKEN in value
    if isinstance(value, dict):
        return any(TOKEN in key for key in value) or any(map(_has_token, value.values()))
    return isinstance(value, list) and any(map(_has_token, value))


def _problem(tree: Tree, keys: Keys, text: str) -> Problem:
    return Problem(tree.place(keys), f"must not contain {TOKEN}, which CDKTF replaces; got {quote(text)}")
