"""A policy document as far as it is known, and its reading from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskrole.errors import shown
from taskrole.policy.documents.statements import Document

AFTER_APPLY = "it is known only after the apply"
# Behind a value of which only the references are known.
GIVE_SOURCE = "give the configuration with --source to see what is made of it"


def joined(*problems: str) -> str:
    """Return problems as one clause, each part of it once."""
    parts = [part for problem in problems if problem for part in problem.split("; ")]
    return "; ".join(dict.fromkeys(parts))


@dataclass(frozen=True)
class Known:
    """A document, whole or in part; `problem` says why not whole, and `document` is None where nothing is known."""

    document: Document | None
    problem: str = ""
    is_hidden: bool = False


def parse_document(text: Any) -> Known:
    """Return the document in a JSON text; one with a key twice is malformed, since readers differ on which counts."""
    try:
        data = json.loads(text, object_pairs_hook=_without_duplicates)
    except _DuplicateKeyError as error:
        return Known(None, f"it is malformed: the key {shown(error.args[0])} is in one object twice")
    except (ValueError, TypeError, RecursionError):
        return Known(None, "it is not JSON")
    if not isinstance(data, Mapping) or not isinstance(data.get("Statement"), (list, Mapping)):
        return Known(None, "it is not a JSON object with a Statement")
    return Known(data)


class _DuplicateKeyError(Exception):
    """A key that an object has twice."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return values
