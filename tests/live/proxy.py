"""A proxy on loopback before the embedded AWS, which counts requests and can spoil answers like a bad network."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from taskrole.local.record import HOST, ServerRecord

# The answer instead of forwarding: a status and a body; None forwards, "cut" closes the connection without an answer.
Spoil = Callable[[int, str], "tuple[int, str] | str | None"]


@dataclass
class Proxy:
    """Counts of requests by operation, and the most concurrent requests."""

    port: int = 0
    spoil: Spoil = lambda number, operation: None
    # As `spoil`, by the content of the request.
    spoil_content: Callable[[str], tuple[int, str] | str | None] = lambda content: None
    operations: list[str] = field(default_factory=list)
    most_at_once: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def variables(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": f"http://{HOST}:{self.port}"}

    def enter(self, operation: str) -> tuple[int, str] | str | None:
        with self.lock:
            self.operations.append(operation)
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
            return self.spoil(len(self.operations), operation)

    def leave(self) -> None:
        with self.lock:
            self.now -= 1


@contextmanager
def proxy_to(record: ServerRecord) -> Iterator[Proxy]:
    proxy = Proxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            spoiled = proxy.enter(_operation(self.headers.get("X-Amz-Target"), body))
            spoiled = spoiled or proxy.spoil_content(body.decode())
            try:
                if spoiled == "cut":
                    self.close_connection = True
                elif isinstance(spoiled, tuple):
                    self._answer(spoiled[0], spoiled[1].encode(), {"Content-Type": "text/xml"})
                else:
                    self._forward(record, body)
            finally:
                proxy.leave()

        def _forward(self, record: ServerRecord, body: bytes) -> None:
            connection = http.client.HTTPConnection(HOST, record.port, timeout=60)
            connection.request("POST", self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            kept = {key: value for key, value in answer.getheaders() if key.lower() in ("content-type", "x-amzn-query")}
            connection.close()
            self._answer(answer.status, content, kept)

        def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


def throttled(operation: str) -> tuple[int, str]:
    """Return the answer of AWS to too many requests, in the protocol of the service."""
    if operation.startswith("Get"):
        return 400, query_error("Throttling", "Rate exceeded")
    return 400, json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"})


def query_error(code: str, message: str) -> str:
    """Return an answer of IAM and STS, in XML."""
    return (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>1</RequestId></ErrorResponse>"
    )


def _operation(target: str | None, body: bytes) -> str:
    if target:
        return target.rpartition(".")[2]
    action = next((field for field in body.decode().split("&") if field.startswith("Action=")), "")
    return action.removeprefix("Action=")
