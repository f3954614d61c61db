"""Tests that the embedded AWS sends an answer in one piece: a client that has read its head can read all of it."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from taskrole.local.record import HOST, ServerRecord
from taskrole.local.serve import aws_server

_BODY = b"<DeleteRolePolicyResponse/>" * 300  # 8 kB, more than the usual buffer


def answer(_: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", str(len(_BODY)))])
    return [_BODY]


@pytest.mark.skipif(not hasattr(socket, "SOCK_SEQPACKET"), reason="no connections that keep the pieces apart")
def test_an_answer_is_sent_in_one_piece() -> None:
    client, connection = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with client, connection, socket.create_server((HOST, 0)) as listener:
        client.send(b"POST / HTTP/1.1\r\nHost: aws\r\nContent-Length: 0\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        port = listener.getsockname()[1]

        with aws_server(listener, ServerRecord(port, 1, "token")) as server:
            server.app = answer
            server.RequestHandlerClass(connection, (HOST, port), server)

        head, _, body = client.recv(2 * len(_BODY)).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == _BODY
