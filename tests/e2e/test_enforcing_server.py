"""Tests that the AWS that enforces policies sends an answer in one piece."""

from __future__ import annotations

import h11
import pytest

from tests.e2e.enforcing_server import WholeAnswers


@pytest.mark.parametrize("body", [b"", b"<CreateRoleResponse/>"])
def test_the_head_of_an_answer_is_sent_with_its_body(body: bytes) -> None:
    connection = WholeAnswers(h11.SERVER)
    connection.receive_data(b"POST / HTTP/1.1\r\nHost: aws\r\nContent-Length: 0\r\n\r\n")
    while not isinstance(connection.next_event(), h11.EndOfMessage):
        pass

    head = h11.Response(status_code=200, headers=[("Content-Length", str(len(body)))])
    parts = [connection.send(event) for event in (head, *([h11.Data(data=body)] if body else []), h11.EndOfMessage())]

    (piece,) = filter(None, parts)
    assert piece.startswith(b"HTTP/1.1 200")
    assert piece.endswith(b"\r\n\r\n" + body)
