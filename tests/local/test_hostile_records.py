"""Records that others wrote, and programs that pretend to be the embedded AWS: never believed, never signalled."""

from __future__ import annotations

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from taskrole.local.process import end, start_time
from taskrole.local.record import HOST, Record, read_record, record_path, write_record
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
    """Yield the port of a server that answers everything with the same JSON."""

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


def record_of(process: subprocess.Popen[bytes], port: int) -> Record:
    return Record(port, process.pid, "token", start_time(process.pid) or "")


def test_a_server_that_does_not_know_the_token_is_not_believed(tmp_path: Path) -> None:
    with sleeping() as stranger:
        old = record_of(stranger, 1).proof("an earlier challenge")
        with echoing({"pid": stranger.pid, "token": "token", "proof": old}) as port:
            write_record(tmp_path, record_of(stranger, port))

            assert find(tmp_path) is None
            assert not down(tmp_path)

        assert stranger.poll() is None


def test_a_process_of_another_start_time_is_not_signalled() -> None:
    with sleeping() as stranger:
        end(stranger.pid, "1")

        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.2)

        end(stranger.pid, start_time(stranger.pid) or "")
        assert stranger.wait(10) == -signal.SIGTERM


@pytest.mark.parametrize("pid", [1, 0, -1, -(2**31), 2**70])
def test_ids_that_name_no_single_process_of_ours_have_no_start_time(pid: int) -> None:
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
def test_a_record_that_others_can_read_or_write_is_no_record(tmp_path: Path, mode: int) -> None:
    """Git gives files the mode 644: a record that came with a repository is of its authors."""
    write_record(tmp_path, Record(1, 2, "token", "1"))
    assert read_record(tmp_path)

    record_path(tmp_path).chmod(mode)

    assert read_record(tmp_path) is None


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_regular_file_is_no_record(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").write_text(json.dumps(asdict(Record(1, 2, "token", "1"))))
    (tmp_path / "elsewhere").chmod(0o600)
    if kind == "link":
        record_path(tmp_path).symlink_to("elsewhere")
    elif kind == "pipe":
        os.mkfifo(record_path(tmp_path), 0o600)
    else:
        record_path(tmp_path).mkdir()

    assert read_record(tmp_path) is None


def test_a_record_of_another_user_is_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_record(tmp_path, Record(1, 2, "token", "1"))

    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert read_record(tmp_path) is None
