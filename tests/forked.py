"""The command line in a process of its own that has its modules already, forked from one that loads them once.

To start `python -m taskrole` takes 0.2 to 1 second of the processor's time, most of it for imports; a fork takes a few
milliseconds. All that a process has is its own: descriptors, folder, environment, arguments, exit code, signals.

What an interpreter settles when it starts (PYTHON…, the locale) cannot be forked: with other variables of these than
pytest's own, `python -m taskrole` is run. It is always run where tests run apart (`tests/apart.py`).
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
from pathlib import Path

from tests.apart import runs_apart

ROOT = Path(__file__).parent.parent
_SERVER = Path(__file__).with_name("fork_server.py")
_OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG")


def run_taskrole(
    arguments: Sequence[str | Path],
    folder: Path,
    variables: Mapping[str, str] | None = None,
    *,
    stdin: bytes = b"",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder and return how it ended, with its outputs read as UTF-8.

    `variables` are all that its environment has; default: those of this process. Raises TimeoutExpired after so many
    seconds, when the process has been killed.
    """
    given = dict(os.environ if variables is None else variables)
    command = [sys.executable, "-m", "taskrole", *map(str, arguments)]
    if runs_apart() or not _can_be_forked(given):
        done = subprocess.run(
            command, cwd=folder, env=given, input=stdin, capture_output=True, timeout=timeout, check=False
        )
        return _in_text(command, done.returncode, done.stdout, done.stderr)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        request = {"arguments": command[3:], "folder": str(folder.resolve()), "variables": given}
        code = _run(request, stdin, (out.fileno(), err.fileno()), timeout)
        for file in (out, err):
            file.seek(0)
        return _in_text(command, code, out.read(), err.read())


def run_with_outputs(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], out: int, err: int, *, timeout: float = 120
) -> int:
    """Run the command line with open descriptors as its outputs, and return its exit code."""
    if runs_apart() or not _can_be_forked(variables):
        command = [sys.executable, "-m", "taskrole", *arguments]
        return subprocess.run(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=timeout,
            check=False,
        ).returncode  # fmt: skip
    request = {"arguments": list(arguments), "folder": str(folder.resolve()), "variables": dict(variables)}
    return _run(request, b"", (out, err), timeout)


def _in_text(command: list[str], code: int, out: bytes, err: bytes) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess(command, code, out.decode("utf-8"), err.decode("utf-8"))


def _can_be_forked(variables: Mapping[str, str]) -> bool:
    return variables.get("PYTHONPATH") in (None, "", str(ROOT), os.environ.get("PYTHONPATH")) and (
        _of_the_interpreter(variables) == _of_the_interpreter(os.environ)
    )


def _of_the_interpreter(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in variables.items()
        if name.startswith(_OF_THE_INTERPRETER) and name != "PYTHONPATH"
    }


def _run(request: Mapping[str, object], stdin: bytes, outputs: tuple[int, int], timeout: float) -> int:
    """Ask the server for a run, and return its exit code, which is negative for a signal."""
    ours, theirs = socket.socketpair()
    reader, writer = os.pipe()
    with ours, ours.makefile("rb") as answers:
        with theirs:
            descriptors = [theirs.fileno(), reader, *outputs]
            socket.send_fds(_server(), [b"+"], descriptors)
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
def _server() -> socket.socket:
    """Start the server, once in this process; it ends with it."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, str(_SERVER), str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(_end, process, ours)
    return ours


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    process.wait()
