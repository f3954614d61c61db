"""Starting, finding and stopping the embedded AWS; only ever the one that was started from here."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from taskrole.errors import ToolError
from taskrole.files import make_folder, open_log
from taskrole.local.environment import CREDENTIALS, REGION, STATE_BUCKET
from taskrole.local.record import HOST, Record, log_path, read_record, remove_record
from taskrole.local.serve import IDENTITY, PORT_TAKEN

START_TIMEOUT = 60.0  # seconds; moto takes two to four
STOP_TIMEOUT = 10.0
_PAUSE = 0.05

# Those that this very process started, to be reaped by it.
_children: dict[int, subprocess.Popen[bytes]] = {}


def find(folder: Path) -> Record | None:
    """Return the embedded AWS of a folder, or None when there is none that answers."""
    record = read_record(folder)
    return record if record and _is_it(record) else None


def up(folder: Path, port: int = 0) -> tuple[Record, bool]:
    """Return a running embedded AWS with its state bucket, and whether this call started it.

    Port 0 takes a free one. Raises ToolError when moto is missing, the port is taken, or nothing answers in time.
    """
    running = find(folder)
    if running:
        if port not in (0, running.port):
            raise ToolError(
                f"the embedded AWS is up already, on port {running.port}; stop it first: taskrole local down"
            )
        return running, False
    _require_moto()
    remove_record(folder)
    make_folder(folder)
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "taskrole.local.serve", "--folder", str(folder), "--port", str(port)]
    with open_log(log_path(folder)) as log:
        process = subprocess.Popen(
            [*command, "--token", token],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        )
    try:
        record = _wait_until_it_answers(folder, process, token, port)
        _make_state_bucket(record)
    except BaseException:
        process.terminate()
        process.wait(STOP_TIMEOUT)
        remove_record(folder)
        raise
    _children[record.pid] = process
    return record, True


def down(folder: Path) -> bool:
    """Stop the embedded AWS of a folder; return whether there was one. Raises ToolError when it does not end."""
    record = find(folder)
    if record is None:
        remove_record(folder)
        return False
    os.kill(record.pid, signal.SIGTERM)
    if record.pid in _children:
        _children.pop(record.pid).wait(STOP_TIMEOUT)
    deadline = time.monotonic() + STOP_TIMEOUT
    while _is_it(record):
        if time.monotonic() > deadline:
            raise ToolError(f"the embedded AWS, process {record.pid}, does not end; see {log_path(folder)}")
        time.sleep(_PAUSE)
    remove_record(folder)
    return True


def _require_moto() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("moto", "flask", "flask_cors") if find_spec(name) is None]
    if missing:
        raise ToolError(f"the embedded AWS needs {', '.join(missing)}; install the development packages: make setup")


def _wait_until_it_answers(folder: Path, process: subprocess.Popen[bytes], token: str, port: int) -> Record:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        record = read_record(folder)
        if record and record.token == token and _is_it(record):
            return record
        status = process.poll()
        if status == PORT_TAKEN:
            raise ToolError(f"port {port} is taken; choose another with --port, or leave it out for a free one")
        if status is not None:
            raise ToolError(f"the embedded AWS ended with status {status} while starting; see {log_path(folder)}")
        time.sleep(_PAUSE)
    raise ToolError(f"the embedded AWS did not answer within {START_TIMEOUT:.0f} s; see {log_path(folder)}")


def _is_it(record: Record) -> bool:
    """Ask whoever listens on the recorded port whether it is the recorded process."""
    connection = http.client.HTTPConnection(HOST, record.port, timeout=2)
    try:
        connection.request("GET", IDENTITY)
        answer = json.loads(connection.getresponse().read(1024))
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return bool(answer == {"pid": record.pid, "token": record.token})


def _make_state_bucket(record: Record) -> None:
    import boto3

    credentials: dict[str, Any] = dict(CREDENTIALS)
    s3 = boto3.client("s3", endpoint_url=record.endpoint, region_name=REGION, **credentials)
    s3.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
