"""Documents are read once while they are kept, and a few of them at a time."""

from __future__ import annotations

from taskrole.policy.comparison.reading import MOST_CACHED, documents_cached, read_once
from taskrole.policy.documents.statements import Document


def test_a_document_is_read_once_while_it_is_kept() -> None:
    readings: list[Document] = []
    document: Document = {"Statement": []}
    with documents_cached():
        assert [read_once(document, readings.append) for _ in range(3)] == [None] * 3
    assert len(readings) == 1


def test_an_equal_document_is_another_one() -> None:
    with documents_cached():
        assert read_once({"Statement": []}, id) != read_once({"Statement": []}, id)


def test_nothing_is_kept_before_and_after() -> None:
    readings: list[Document] = []
    document: Document = {"Statement": []}
    read_once(document, readings.append)
    with documents_cached():
        read_once(document, readings.append)
    read_once(document, readings.append)
    assert len(readings) == 3


def test_only_so_many_are_kept() -> None:
    readings: list[Document] = []
    documents: list[Document] = [{"Statement": [str(number)]} for number in range(MOST_CACHED + 1)]
    with documents_cached():
        for document in (*documents, documents[-1], documents[0]):
            read_once(document, readings.append)
    assert len(readings) == MOST_CACHED + 2
