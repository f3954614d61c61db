"""The process of the embedded AWS, which `server.up` starts with --folder F --port P --lock DESCRIPTOR.

It binds the port, loads moto with AWS's managed policies, creates the state bucket, and then writes the record, so that
a record always refers to a ready server. Port 0 selects a free port.

It inherits the lock on the folder: only the process with the lock writes or removes the record. It exits on a signal,
and when its folder is removed, since no command could find it then.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from taskrole.errors import TaskroleError, ToolError
from taskrole.local.environment import CREDENTIALS, REGION, STATE_BUCKET
from taskrole.local.handler import request_handler
from taskrole.local.process import start_time
from taskrole.local.record import HOST, ServerRecord, lock_path, remove_record, write_record
from taskrole.output.console import echo

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

IDENTITY = "/_taskrole/identity"
NOT_STARTED = 98  # The exit status of a failure that the last line of the log explains.
_PAUSE = 0.5  # Seconds between checks of the folder.
_LONGEST_TURN = 10.0  # seconds

_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def main(arguments: list[str]) -> int:
    """Serve until a signal terminates the process; return the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    parser = argparse.ArgumentParser(prog="taskrole.local.serve")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--lock", type=int, required=True)
    options = parser.parse_args(arguments)
    try:
        _serve(_listen(options.port), options.folder, options.lock)
    except TaskroleError as error:
        echo(error, err=True)
        return NOT_STARTED
    return 0


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is taken; choose another with --port, or leave it out for a free one"
            raise ToolError(message) from error
        raise ToolError(f"port {port} cannot be opened: {error.strerror}") from error


def _serve(listener: socket.socket, folder: Path, lock: int) -> None:
    pid = os.getpid()
    start = start_time(pid)
    if start is None:
        raise ToolError(f"neither /proc nor ps has the start time of process {pid}")
    record = ServerRecord(listener.getsockname()[1], pid, secrets.token_hex(16), start)
    # moto reads these variables when it is imported or on the first request.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_PORT"] = str(record.port)
    server = aws_server(listener, record)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    _make_state_bucket(record)
    with _recorded(folder, record, lock):
        while thread.is_alive() and _is_locked_by(lock_path(folder), lock):
            thread.join(_PAUSE)


@contextlib.contextmanager
def _recorded(folder: Path, record: ServerRecord, lock: int) -> Iterator[None]:
    """Keep the record while the server runs."""
    try:
        write_record(folder, record)
        yield
    finally:
        if _is_locked_by(lock_path(folder), lock):
            with contextlib.suppress(TaskroleError):
                remove_record(folder)


def _is_locked_by(path: Path, lock: int) -> bool:
    """Return whether a path is still the file that the server has locked."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(lock))
    except OSError:
        return False


def _make_state_bucket(record: ServerRecord) -> None:
    import boto3
    from botocore.config import Config

    credentials: dict[str, Any] = dict(CREDENTIALS)
    # The user's proxy is only for external addresses.
    s3 = boto3.client("s3", endpoint_url=record.endpoint, region_name=REGION, config=Config(proxies={}), **credentials)
    s3.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})


def aws_server(listener: socket.socket, record: ServerRecord) -> BaseWSGIServer:
    """Return the server on a listening socket; it answers from `serve_forever` on."""
    from werkzeug.serving import make_server

    application = _with_identity(aws_application(), record)
    return make_server(
        HOST, record.port, application, threaded=True, request_handler=request_handler(), fd=listener.fileno()
    )


def aws_application() -> _Application:
    """Return moto as an application that answers for all services."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return one_at_a_time(DomainDispatcherApplication(create_backend_app))


def one_at_a_time(application: _Application, *, longest_turn: float = _LONGEST_TURN) -> _Application:
    """Answer one request at a time: moto's tables are not safe for threads, and Terraform sends ten at once.

    A request that has waited for `longest_turn` seconds is answered anyway: the one before it may need its answer.
    """
    turn = threading.Lock()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        has_turn = turn.acquire(timeout=longest_turn)
        try:
            parts = application(environ, start_response)
            try:
                return list(parts)
            finally:
                getattr(parts, "close", lambda: None)()
        finally:
            if has_turn:
                turn.release()

    return answer


def _with_identity(application: _Application, record: ServerRecord) -> _Application:
    """Let the server prove its identity: another program may use the recorded port by now."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != IDENTITY:
            return application(environ, start_response)
        challenge = parse_qs(str(environ.get("QUERY_STRING", ""))).get("challenge", [""])[0]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"proof": record.proof(challenge)}).encode()]

    return answer
