"""Starts, finds and stops the embedded AWS of a folder."""

from __future__ import annotations

import contextlib
import hmac
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from taskrole.errors import InputError, ToolError, printable
from taskrole.extras import install_line
from taskrole.files import make_folder, open_log, try_lock
from taskrole.local.process import end, start_time
from taskrole.local.record import (
    HIGHEST_PORT,
    HOST,
    ServerRecord,
    lock_path,
    log_path,
    read_record,
    record_path,
    remove_record,
)
from taskrole.local.serve import IDENTITY, NOT_STARTED
from taskrole.reading import read_regular

START_TIMEOUT = 60.0  # seconds; moto takes two to four
STOP_TIMEOUT = 10.0
_PAUSE = 0.05
_LARGEST_ANSWER = 1024  # bytes

# `-m` would search for modules in the current folder, whose contents are unknown.
_PROGRAM = "import sys; sys.path[:] = {path!r}; from taskrole.local.serve import main; sys.exit(main(sys.argv[1:]))"

# The servers that this process started, and has to reap.
_children: dict[int, subprocess.Popen[bytes]] = {}


def find(folder: Path) -> ServerRecord | None:
    """Return the embedded AWS of a folder, or None if none responds."""
    record = read_record(folder)
    return record if record and _is_it(record) else None


def up(folder: Path, port: int = 0) -> tuple[ServerRecord, bool]:
    """Return a running embedded AWS with its state bucket, and whether this call started it.

    Port 0 selects a free port. If another call is starting it at the same time, both return the same one. Raises
    ToolError if moto is missing, the port is in use, or the server does not respond in time; InputError if the folder
    cannot be written.
    """
    if not 0 <= port <= HIGHEST_PORT:
        raise ToolError(f"a port is a number from 0 to {HIGHEST_PORT}; got {port}")
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        running = find(folder)
        if running:
            if port not in (0, running.port):
                raise ToolError(
                    f"the embedded AWS is already running on port {running.port}; stop it first: taskrole local down"
                )
            return running, False
        _require_moto()
        make_folder(folder)
        lock = try_lock(lock_path(folder))
        if lock is not None:
            return _start(folder, port, lock), True
        time.sleep(_PAUSE)
    raise _no_answer(folder, START_TIMEOUT)


def down(folder: Path) -> bool:
    """Stop the embedded AWS of a folder; return whether one was running. Raises ToolError if it does not end.

    Waits for a server that is starting. Raises InputError if the record of an ended server cannot be removed.
    """
    begin = time.monotonic()
    while (record := find(folder)) is None:
        if _remove_stale_record(folder):
            return False
        # The server writes its record when it is ready.
        patience = STOP_TIMEOUT if os.path.lexists(record_path(folder)) else START_TIMEOUT
        if time.monotonic() > begin + patience:
            raise _no_answer(folder, patience)
        time.sleep(_PAUSE)
    try:
        end(record.pid, record.start)
    except OSError as error:
        raise ToolError(f"process {record.pid} cannot be stopped: {error.strerror}") from error
    deadline = time.monotonic() + STOP_TIMEOUT
    while start_time(record.pid) == record.start:
        if time.monotonic() > deadline:
            raise ToolError(f"the embedded AWS, process {record.pid}, does not end; see {log_path(folder)}")
        time.sleep(_PAUSE)
    if record.pid in _children:
        _children.pop(record.pid).wait(STOP_TIMEOUT)
    _remove_stale_record(folder)
    return True


def _start(folder: Path, port: int, lock: int) -> ServerRecord:
    """Start the server, pass the lock to it, and wait until it responds."""
    try:
        remove_record(folder)
        command = [sys.executable, "-c", _PROGRAM.format(path=sys.path), "--folder", str(folder.absolute())]
        with open_log(log_path(folder)) as log:
            process = subprocess.Popen(
                [*command, "--port", str(port), "--lock", str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock],
                env=_without_account(),
                start_new_session=True,  # Ctrl-C in the terminal must not stop the server.
            )
    except OSError as error:
        raise ToolError(f"the embedded AWS cannot be started: {error}") from error
    finally:
        os.close(lock)
    try:
        record = _wait_until_it_answers(folder, process)
    except BaseException:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    _children[record.pid] = process
    return record


def _remove_stale_record(folder: Path) -> bool:
    """Remove the record of a server that has ended; return False, without a change, if a server is running."""
    if not lock_path(folder).exists():
        remove_record(folder)
        return True
    lock = try_lock(lock_path(folder))
    if lock is None:
        return False
    try:
        remove_record(folder)
    finally:
        os.close(lock)
    return True


def _without_account() -> dict[str, str]:
    """Return the environment without the user's account and profile, which may not exist."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _require_moto() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("moto", "flask", "flask_cors") if find_spec(name) is None]
    if missing:
        raise ToolError(install_line(missing[0]) or missing[0])


def _wait_until_it_answers(folder: Path, process: subprocess.Popen[bytes]) -> ServerRecord:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        record = find(folder)
        if record and record.pid == process.pid:
            return record
        status = process.poll()
        if status == NOT_STARTED:
            raise ToolError(_last_line(folder))
        if status is not None:
            raise ToolError(f"the embedded AWS ended with status {status} while starting; see {log_path(folder)}")
        time.sleep(_PAUSE)
    raise _no_answer(folder, START_TIMEOUT)


def _last_line(folder: Path) -> str:
    with contextlib.suppress(InputError, IndexError):
        return printable(read_regular(log_path(folder)).decode("utf-8", "backslashreplace").splitlines()[-1])
    return f"the embedded AWS did not start; see {log_path(folder)}"


def _no_answer(folder: Path, seconds: float) -> ToolError:
    return ToolError(f"the embedded AWS did not answer within {seconds:.0f} s; see {log_path(folder)}")


def _is_it(record: ServerRecord) -> bool:
    """Return whether the recorded process runs, and the server on its port proves to know its token."""
    if start_time(record.pid) != record.start:
        return False
    challenge = secrets.token_hex(16)
    connection = http.client.HTTPConnection(HOST, record.port, timeout=2)
    try:
        connection.request("GET", f"{IDENTITY}?challenge={challenge}")
        answer = json.loads(connection.getresponse().read(_LARGEST_ANSWER))
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    proof = answer.get("proof") if isinstance(answer, dict) else None
    return isinstance(proof, str) and hmac.compare_digest(
        proof.encode("utf-8", "replace"), record.proof(challenge).encode()
    )
