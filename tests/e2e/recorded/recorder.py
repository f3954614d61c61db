"""A proxy before the embedded AWS that forwards requests, and records the event of CloudTrail for each."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.enforcing import ACCOUNT, REGION, EnforcingAws
from tests.e2e.recorded.trail import Caller, event, is_recorded
from tests.e2e.recorded.wire import Answer, Call, read_answer, read_call

HOST = "127.0.0.1"
# Headers of a single connection, or replaced here.
_OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "date", "server", "expect"}


@dataclass
class Recorder:
    """Events in the order of their calls, and the owners of access keys by the answers of STS."""

    aws: EnforcingAws
    events: list[dict[str, Any]] = field(default_factory=list)
    callers: dict[str, Caller] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call, answer: Answer) -> None:
        """Keep the event of a call."""
        with self.lock:
            if call.operation.name == "AssumeRole" and not answer.code:
                key = answer.members["Credentials"]["AccessKeyId"]
                self.callers[key] = Caller(call.parameters["RoleArn"], call.parameters["RoleSessionName"])
            if is_recorded(call):
                self.events.append(event(call, self.callers.get(call.access_key), answer))

    def deliver(self, folder: Path) -> Path:
        """Write the events into a folder as CloudTrail delivers them, forget them, and return the folder."""
        place = folder / "AWSLogs" / ACCOUNT / "CloudTrail" / REGION / "2026" / "11" / "01"
        place.mkdir(parents=True)
        with self.lock:
            records, self.events = self.events, []
        path = place / f"{ACCOUNT}_CloudTrail_{REGION}_20261101T0000Z_0000.json.gz"
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
        return folder


@contextmanager
def recorder_of(aws: EnforcingAws) -> Iterator[Recorder]:
    """Listen until the end of the block; `aws` of the recorder is the address of the proxy."""
    target = urlsplit(aws.endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers)
            connection = http.client.HTTPConnection(HOST, target.port or 80, timeout=60)
            sent = {name: value for name, value in headers.items() if name.lower() != "expect"}
            connection.request(self.command, self.path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            call = read_call(self.command, self.path, headers, body)
            if call:
                recorder.add(call, read_answer(call, answer.status, dict(answer.getheaders()), content))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OWN_HEADERS:
                    self.send_header(name, value)
            length = answer.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815 -- as the base class calls them

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    recorder = Recorder(EnforcingAws(f"http://{HOST}:{server.server_address[1]}"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
