"""Tests that a limited number of documents is cached and read once."""

from __future__ import annotations

from taskrole.policy.comparison.reading import MOST_CACHED, documents_cached, read_once
from taskrole.policy.documents.statements import Document


def test_a_cached_document_is_read_once() -> None:
    readings: list[Document] = []
    document: Document = {"Statement": []}
    with documents_cached():
        assert [read_once(document, readings.append) for _ in range(3)] == [None] * 3
    assert len(readings) == 1


def test_an_equal_document_is_read_on_its_own() -> None:
    with documents_cached():
        assert read_once({"Statement": []}, id) != read_once({"Statement": []}, id)


def test_no_document_is_cached_outside_of_a_review() -> None:
    readings: list[Document] = []
    document: Document = {"Statement": []}
    read_once(document, readings.append)
    with documents_cached():
        read_once(document, readings.append)
    read_once(document, readings.append)
    assert len(readings) == 3


def test_the_number_of_cached_documents_is_limited() -> None:
    readings: list[Document] = []
    documents: list[Document] = [{"Statement": [str(number)]} for number in range(MOST_CACHED + 1)]
    with documents_cached():
        for document in (*documents, documents[-1], documents[0]):
            read_once(document, readings.append)
    assert len(readings) == MOST_CACHED + 2
