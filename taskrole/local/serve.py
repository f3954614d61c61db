"""The process of the embedded AWS: `python -m taskrole.local.serve --folder F --port P --token T`.

It binds the port first, loads moto with AWS's managed policies, and writes the record once it listens, so that whoever
reads the record finds a server. Port 0 takes a free one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from taskrole.local.record import HOST, Record, write_record

IDENTITY = "/_taskrole/identity"
PORT_TAKEN = 98  # the exit status that tells `up` what went wrong

_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def main(arguments: list[str]) -> int:
    """Serve until the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m taskrole.local.serve")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    options = parser.parse_args(arguments)
    try:
        listener = socket.create_server((HOST, options.port))
    except OSError as error:
        sys.stderr.write(f"{HOST}:{options.port}: {error.strerror}\n")
        return PORT_TAKEN
    record = Record(listener.getsockname()[1], os.getpid(), options.token)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _serve(listener, record, options.folder)
    return 0


def _serve(listener: socket.socket, record: Record, folder: Path) -> None:
    # moto reads them when it is imported, or when the first request comes.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_PORT"] = str(record.port)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    application = _with_identity(DomainDispatcherApplication(create_backend_app), record)
    server = make_server(
        HOST, record.port, application, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno()
    )
    write_record(folder, record)
    server.serve_forever()


def _with_identity(application: _Application, record: Record) -> _Application:
    """Let the server say who it is: a process with a recorded id alone may be another one by now."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != IDENTITY:
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"pid": record.pid, "token": record.token}).encode()]

    return answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
