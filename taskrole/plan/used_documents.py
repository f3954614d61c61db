"""Finds the policy documents, read during the apply, that resources use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.plan.candidates import references
from taskrole.plan.configuration import Configuration
from taskrole.plan.model import POLICY_DOCUMENT, Change


def used_documents(configuration: Configuration, users: Iterable[Change]) -> frozenset[str]:
    """Return the addresses of the policy documents that resources refer to, directly or through other documents."""
    used: set[str] = set()
    waiting = list(users)
    while waiting:
        for document in _referred(configuration, waiting.pop()):
            if document.address not in used:
                used.add(document.address)
                waiting.append(document)
    return frozenset(used)


def _referred(configuration: Configuration, change: Change) -> Iterator[Change]:
    texts = [*_references(configuration.resource(change).get("expressions"))]
    for reference in references(texts, change.module, configuration):
        if reference.is_data and reference.type == POLICY_DOCUMENT:
            yield from configuration.instances(reference, change.index)


def _references(expressions: Any) -> Iterator[str]:
    """Yield the references in the expressions of a resource, including its blocks."""
    waiting = [expressions]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            texts = value.get("references")
            yield from (text for text in texts if isinstance(text, str)) if isinstance(texts, list) else ()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
