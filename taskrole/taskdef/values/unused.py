"""Reports unused values and images, which are probably misspelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from taskrole.errors import Place, Problem
from taskrole.nearest import nearest
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.values.styles import placeholders


def unused_values(
    names: Iterable[str], documents: Sequence[TaskDocument], places: Mapping[str, Place]
) -> Iterator[Problem]:
    """Yield a problem for each name that does not fill a placeholder of a task definition."""
    used = frozenset[str]().union(*(document.used_values for document in documents))
    left = {
        placeholder.name
        for document in documents
        for unfilled in document.unfilled
        for placeholder in placeholders(unfilled.text, is_image=unfilled.is_image)
    }
    known = sorted(used | left)
    for name in names:
        if name not in used:
            yield Problem(places[name], f"does not match a placeholder of a task definition{_hint(name, known)}")


def unused_images(
    names: Iterable[str], documents: Sequence[TaskDocument], places: Mapping[str, Place]
) -> Iterator[Problem]:
    """Yield a problem for each name that is not a container name."""
    known = sorted({name for document in documents for name in _container_names(document)})
    for name in names:
        if name not in known:
            yield Problem(places[name], f"is not the name of a container{_hint(name, known) or _list(known)}")


def _container_names(document: TaskDocument) -> Iterator[str]:
    containers = document.data.get("containerDefinitions")
    for container in containers if isinstance(containers, list) else ():
        name = container.get("name") if isinstance(container, Mapping) else None
        if isinstance(name, str):
            yield name


def _hint(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near[0]}?" if near else ""


def _list(known: Sequence[str]) -> str:
    some = f"{', '.join(known[:5])}{', …' if len(known) > 5 else ''}"
    return f"; there are {some}" if known else ""
