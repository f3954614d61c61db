"""Tests records and servers of others: never trusted, never signalled."""

from __future__ import annotations

import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from taskrole.local.process import end, start_time
from taskrole.local.record import HOST, ServerRecord, read_record, record_path, write_record
from taskrole.local.server import down, find


@contextmanager
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def echoing(answer: dict[str, object]) -> Iterator[int]:
    """Yield the port of a server that gives every request the same JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    with socketserver.ThreadingTCPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def record_of(process: subprocess.Popen[bytes], port: int) -> ServerRecord:
    return ServerRecord(port, process.pid, "token", start_time(process.pid) or "")


def test_a_server_without_the_token_is_not_trusted(tmp_path: Path) -> None:
    with sleeping() as stranger:
        old = record_of(stranger, 1).proof("earlier")
        with echoing({"pid": stranger.pid, "token": "token", "proof": old}) as port:
            write_record(tmp_path, record_of(stranger, port))

            assert find(tmp_path) is None
            assert not down(tmp_path)

        assert stranger.poll() is None


@contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """Yield the port of a server that answers a request by a function."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            with suppress(OSError):  # no client connected, or it disconnected
                connection, _ = server.accept()
                with connection:
                    connection.recv(1 << 16)
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


OK = b"HTTP/1.1 200 OK\r\n\r\n"
STRANGE = {
    "no HTTP": b"220 mail.example.com ESMTP\r\n",
    "nothing": b"",
    "no JSON": OK + b"<html>",
    "no object": OK + b"[]",
    "a proof of another type": OK + b'{"proof": ["x"]}',
    "a proof that is no ASCII": OK + '{"proof": "é\\ud800"}'.encode(),
    "nested": OK + b"[" * 1_000,
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_another_server_is_not_taken_for_the_embedded_aws(tmp_path: Path, answer: bytes) -> None:
    with listening(lambda connection: connection.sendall(answer)) as port:
        write_record(tmp_path, ServerRecord(port, os.getpid(), "token", start_time(os.getpid()) or ""))

        assert find(tmp_path) is None


def test_a_process_with_a_reused_id_gets_no_request(tmp_path: Path) -> None:
    asked = []
    with listening(asked.append) as port:
        write_record(tmp_path, ServerRecord(port, os.getpid(), "token", "1"))

        assert find(tmp_path) is None

    assert asked == []


def test_an_endless_answer_is_not_read_to_its_end(tmp_path: Path) -> None:
    sent = []

    def send(connection: socket.socket) -> None:
        connection.sendall(OK)
        while len(sent) < 500:
            connection.sendall(b" " * (1 << 20))
            sent.append(1)

    with listening(send) as port:
        write_record(tmp_path, ServerRecord(port, os.getpid(), "token", start_time(os.getpid()) or ""))

        assert find(tmp_path) is None

    assert len(sent) < 500


def test_a_server_that_does_not_answer_does_not_block(tmp_path: Path) -> None:
    with listening(lambda _: time.sleep(20)) as port:
        write_record(tmp_path, ServerRecord(port, os.getpid(), "token", start_time(os.getpid()) or ""))
        begin = time.monotonic()

        assert find(tmp_path) is None

    assert time.monotonic() - begin < 15


def test_a_proof_does_not_reveal_the_token() -> None:
    record = ServerRecord(1, 2, "token", "1")

    assert "token" not in record.proof("challenge")
    assert record.proof("challenge") != record.proof("another")


def test_a_process_with_another_start_time_is_not_signalled() -> None:
    with sleeping() as stranger:
        end(stranger.pid, "1")

        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.2)

        end(stranger.pid, start_time(stranger.pid) or "")
        assert stranger.wait(10) == -signal.SIGTERM


@pytest.mark.parametrize("pid", [1, 0, -1, -(2**31), 2**70])
def test_ids_that_are_not_a_single_own_process_have_no_start_time(pid: int) -> None:
    assert start_time(pid) is None
    end(pid, "None")


def test_a_process_that_has_ended_has_no_start_time() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert start_time(process.pid) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="ONLY ROOT CAN RUN A PROCESS OF ANOTHER USER")
def test_a_process_of_another_user_has_no_start_time() -> None:
    with sleeping() as ours:
        assert start_time(ours.pid)

    with subprocess.Popen(["sleep", "60"], user=65534) as stranger:
        assert start_time(stranger.pid) is None
        stranger.kill()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602])
def test_a_record_that_others_can_read_or_write_is_ignored(tmp_path: Path, mode: int) -> None:
    """Git gives files the mode 644: a record in a repository is from its authors."""
    write_record(tmp_path, ServerRecord(1, 2, "token", "1"))
    assert read_record(tmp_path)

    record_path(tmp_path).chmod(mode)

    assert read_record(tmp_path) is None


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_record_that_is_not_a_regular_file_is_ignored(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").write_text(json.dumps(asdict(ServerRecord(1, 2, "token", "1"))))
    (tmp_path / "elsewhere").chmod(0o600)
    if kind == "link":
        record_path(tmp_path).symlink_to("elsewhere")
    elif kind == "pipe":
        os.mkfifo(record_path(tmp_path), 0o600)
    else:
        record_path(tmp_path).mkdir()

    assert read_record(tmp_path) is None


def test_a_record_of_another_user_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_record(tmp_path, ServerRecord(1, 2, "token", "1"))

    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert read_record(tmp_path) is None
