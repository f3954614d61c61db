"""Selects task definitions by family, or by their name within a file."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.nearest import nearest
from taskrole.taskdef.document import TaskDocument

_MOST_NAMED = 5


def select_documents(documents: Sequence[TaskDocument], names: Sequence[str]) -> list[TaskDocument]:
    """Return the task definitions whose family, address or logical id is among the names; all if there are no names.

    Raises InputError for unknown names, with the most similar known ones.
    """
    if not names:
        return list(documents)
    known = dict.fromkeys(name for document in documents for name in _names(document))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(Problem(Place("--family"), _problem(name, list(known))) for name in unknown)
    wanted = set(names)
    return [document for document in documents if not wanted.isdisjoint(_names(document))]


def _names(document: TaskDocument) -> tuple[str, ...]:
    return tuple(name for name in (document.family, document.name) if name)


def _problem(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known, most=3)
    if near:
        return f"no task definition is called {quote(name)}; did you mean {' or '.join(near)}?"
    more = ", …" if len(known) > _MOST_NAMED else ""
    some = ", ".join(known[:_MOST_NAMED]) + more or "none with a name"
    return f"no task definition is called {quote(name)}; there are {some}"
