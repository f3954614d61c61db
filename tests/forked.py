"""Runs the command line in a process forked from one with its modules loaded.

Starting `python -m taskrole` takes 0.2 to 1 second of processor time, most of it for imports; a fork takes a few
milliseconds. Each process has its own descriptors, folder, environment, arguments, exit code and signals.

Settings that an interpreter reads at its start (PYTHON…, the locale) cannot be changed in a fork. There is a process to
fork for pytest's own variables, for a system without the features that Windows lacks, and for another interpreter that
a test names. For other such variables, or if tests run apart (`tests/apart.py`), `python -m taskrole` is started.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.apart import runs_apart

ROOT = Path(__file__).parent.parent
_SERVER = Path(__file__).with_name("fork_server.py")
_OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG")
# The variables of an interpreter without the features that Windows lacks.
LIKE_WINDOWS = {"PYTHONPATH": f"{ROOT / 'tests/like_windows'}{os.pathsep}{ROOT}", "PYTHONWARNDEFAULTENCODING": "1"}


def run_taskrole(
    arguments: Sequence[str | Path],
    folder: Path,
    variables: Mapping[str, str] | None = None,
    *,
    stdin: bytes = b"",
    timeout: float = 120,
    python: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder and return its result, with its outputs decoded as UTF-8.

    `variables` are its whole environment, by default that of this process. `python` is the interpreter of an
    environment with taskrole installed, whose program is run, by default the current one. Raises TimeoutExpired after
    `timeout` seconds, after killing the process.
    """
    given = dict(os.environ if variables is None else variables)
    command = [str(python or sys.executable), "-m", "taskrole", *map(str, arguments)]
    interpreter = _interpreter(given, python)
    if runs_apart() or interpreter is None:
        done = subprocess.run(
            command, cwd=folder, env=given, input=stdin, capture_output=True, timeout=timeout, check=False
        )
        return _in_text(command, done.returncode, done.stdout, done.stderr)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        request = _request(command[3:], folder, given, python)
        code = _run(interpreter, request, stdin, (out.fileno(), err.fileno()), timeout)
        for file in (out, err):
            file.seek(0)
        return _in_text(command, code, out.read(), err.read())


def run_with_outputs(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], out: int, err: int, *, timeout: float = 120
) -> int:
    """Run the command line with open descriptors as its outputs, and return its exit code."""
    interpreter = _interpreter(variables)
    if runs_apart() or interpreter is None:
        command = [sys.executable, "-m", "taskrole", *arguments]
        return subprocess.run(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=timeout,
            check=False,
        ).returncode  # fmt: skip
    return _run(interpreter, _request(arguments, folder, variables), b"", (out, err), timeout)


def _in_text(command: list[str], code: int, out: bytes, err: bytes) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess(command, code, out.decode("utf-8"), err.decode("utf-8"))


@dataclass(frozen=True)
class _Interpreter:
    """A program, and the variables that it reads at its start."""

    program: str
    settings: tuple[tuple[str, str], ...]


def _interpreter(variables: Mapping[str, str], python: Path | None = None) -> _Interpreter | None:
    """Return the interpreter to fork for a run with these variables; None if one is started for that run only."""
    settings, own = (
        {name: value for name, value in names.items() if name.startswith(_OF_THE_INTERPRETER)}
        for names in (variables, os.environ)
    )
    if python is None and settings.get("PYTHONPATH") in (None, "", str(ROOT), own.get("PYTHONPATH")):
        settings["PYTHONPATH"] = own["PYTHONPATH"] = str(ROOT)
    is_served = python is not None or settings in (own, {**own, **LIKE_WINDOWS})
    return _Interpreter(str(python or sys.executable), tuple(sorted(settings.items()))) if is_served else None


def _request(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], python: Path | None = None
) -> dict[str, object]:
    """Return the request for a run like `python -m taskrole`, or like the program next to another interpreter."""
    place = str(folder.resolve())
    return {
        "arguments": list(arguments),
        "folder": place,
        "path": str(python.parent) if python else place,
        "variables": dict(variables),
    }


def _run(
    interpreter: _Interpreter, request: Mapping[str, object], stdin: bytes, outputs: tuple[int, int], timeout: float
) -> int:
    """Send a request to the server, and return the exit code, which is negative for a signal."""
    ours, theirs = socket.socketpair()
    reader, writer = os.pipe()
    with ours, ours.makefile("rb") as answers:
        with theirs:
            descriptors = [theirs.fileno(), reader, *outputs]
            socket.send_fds(_server(interpreter), [b"+"], descriptors)
        os.close(reader)
        ours.sendall(json.dumps(request).encode())
        ours.shutdown(socket.SHUT_WR)
        feeder = threading.Thread(target=_feed, args=(writer, stdin))
        feeder.start()
        child = int(answers.readline())
        ours.settimeout(timeout)
        try:
            return int(answers.readline())
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            raise subprocess.TimeoutExpired(sys.argv, timeout) from None
        finally:
            feeder.join()


def _feed(writer: int, stdin: bytes) -> None:
    with suppress(BrokenPipeError), open(writer, "wb") as pipe:
        pipe.write(stdin)


@functools.cache
def _server(interpreter: _Interpreter) -> socket.socket:
    """Start the server of an interpreter once in this process; it ends with this process."""
    ours, theirs = socket.socketpair()
    plain = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_INTERPRETER)}
    with theirs:
        process = subprocess.Popen(
            [interpreter.program, str(_SERVER), str(theirs.fileno())],
            env={**plain, **dict(interpreter.settings)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(_end, process, ours)
    return ours


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    process.wait()
