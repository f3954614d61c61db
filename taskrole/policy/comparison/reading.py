"""Caches results of reading documents during a review, since several of its parts read the same policies.

Documents are compared by identity, so they must not be changed while they are cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from taskrole.policy.documents.statements import Document

# Enough for the roles under review at one time, not for the whole plan.
MOST_CACHED = 256

_T = TypeVar("_T")

# Keyed by the document's id and the reader. The document is kept so that its id is not reused.
_kept: ContextVar[dict[tuple[int, Any], tuple[Document, Any]] | None] = ContextVar("documents_read", default=None)


@contextmanager
def documents_cached() -> Iterator[None]:
    """Cache results of `read_once` within the context; the documents must not be changed."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def read_once(document: Document, read: Callable[[Document], _T]) -> _T:
    """Return `read(document)`; the cached result within `documents_cached`."""
    kept = _kept.get()
    if kept is None:
        return read(document)
    key = id(document), read
    known = kept.get(key)
    if known is not None and known[0] is document:
        content: _T = known[1]
        return content
    content = read(document)
    if len(kept) >= MOST_CACHED:
        kept.clear()
    kept[key] = (document, content)
    return content
