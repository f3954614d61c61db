"""Tests that the size of an answer is limited, with a server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from taskrole.live.answers import AnswerError
from taskrole.live.limited_session import MOST_BYTES
from taskrole.live.service import connect

MEGABYTE = b" " * 2**20


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    sizes = [0]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            try:
                while sizes[0] < 4 * MOST_BYTES:
                    self.wfile.write(MEGABYTE)
                    sizes[0] += len(MEGABYTE)
            except OSError:
                pass

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield sizes
    server.shutdown()
    server.server_close()


def test_an_answer_that_is_too_large_is_an_error_that_names_the_call(sent: list[int]) -> None:
    with pytest.raises(AnswerError, match=r"iam:GetRole returned .*larger than 32 MiB"):
        connect("iam", "eu-west-1").ask("get_role", RoleName="web")

    assert sent[0] < 2 * MOST_BYTES
