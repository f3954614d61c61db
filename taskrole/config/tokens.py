"""Text that CDKTF would take for one of its own tokens, and replace, wherever in a roles.yaml it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.errors import Problem, quote
from taskrole.yaml_reader import Keys, Tree

# Even behind an escape it would be replaced by a value that has nothing to do with it.
TOKEN = "${TfToken["  # noqa: S105 -- no password


def check_tokens(tree: Tree) -> Iterator[Problem]:
    """Yield a problem for each text, be it a key or a value, that holds the beginning of a token."""
    waiting: list[tuple[Keys, Any]] = [((), tree.data)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, str):
            if TOKEN in value:
                yield _problem(tree, keys, value)
        elif isinstance(value, Mapping):
            for key, one in value.items():
                if TOKEN in key:
                    yield _problem(tree, (*keys, key), key)
                waiting.append(((*keys, key), one))
        elif isinstance(value, list):
            waiting.extend(((*keys, index), one) for index, one in enumerate(value))


def _problem(tree: Tree, keys: Keys, text: str) -> Problem:
    return Problem(tree.place(keys), f"must not hold {TOKEN}, which CDKTF replaces; got {quote(text)}")
