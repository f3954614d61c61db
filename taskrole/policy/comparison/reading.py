"""What is read of a document is kept while one review lasts: a role's policies are looked at by several parts of it.

Documents are told apart by identity, so that nothing that changes one may happen meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from taskrole.policy.documents.statements import Document

# How many documents are kept at a time: those of the roles that are being looked at, not of the whole plan.
MOST_KEPT = 256

_T = TypeVar("_T")

# By the identity of a document, and the reading: the document, so that its identity stays its own, and what was read.
_kept: ContextVar[dict[tuple[int, Any], tuple[Document, Any]] | None] = ContextVar("documents_read", default=None)


@contextmanager
def documents_kept() -> Iterator[None]:
    """Keep what is read of documents in the meantime; none of them may be changed."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def read_once(document: Document, read: Callable[[Document], _T]) -> _T:
    """Return what `read` returns for a document; the same objects again while documents are kept."""
    kept = _kept.get()
    if kept is None:
        return read(document)
    key = id(document), read
    known = kept.get(key)
    if known is not None and known[0] is document:
        found: _T = known[1]
        return found
    found = read(document)
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = (document, found)
    return found
