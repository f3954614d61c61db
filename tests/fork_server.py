"""A process that has the command line's modules loaded, and forks for each run of it: `tests/forked.py` starts it.

It only loads modules and never runs a verb, so each child is as a new process after its imports: no state of pytest, no
filled caches. `python tests/fork_server.py DESCRIPTOR` takes one byte with four descriptors for each run from that
socket: the run's own socket, and its standard input, output and error. It ends when the socket's other side is closed.
"""

from __future__ import annotations

import atexit
import gc
import importlib.util
import json
import os
import pkgutil
import posix
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

# What boto3 and the verbs import when they are first used, where it is installed.
LATE = (
    "boto3",
    "botocore.client",
    "botocore.credentials",
    "botocore.session",
    "hcl2",
    "rich.console",
    "rich.table",
    "ruamel.yaml",
)


def load() -> None:
    """Import every module of taskrole, and what its verbs import late."""
    import taskrole

    for module in pkgutil.walk_packages(taskrole.__path__, "taskrole."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    for name in LATE:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)


def next_run(control: socket.socket) -> dict[str, Any]:
    """Return the request of a run, in the child that is to be that run; SystemExit ends the server."""
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)
    helpers = 0
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 4)
        if not message:
            raise SystemExit
        # os lacks it where tests take away what Windows lacks.
        if posix.fork() == 0:
            break
        helpers += 1
        for descriptor in descriptors:
            os.close(descriptor)
        while helpers and os.waitpid(-1, os.WNOHANG)[0]:
            helpers -= 1
    control.close()
    with socket.socket(fileno=descriptors[0]) as run:
        request = _read(run)
        child = posix.fork()
        if child:
            _report(run, child)
    for descriptor, standard in zip(descriptors[1:], (0, 1, 2), strict=True):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    signal.signal(signal.SIGINT, interrupted)
    return request


def _read(run: socket.socket) -> dict[str, Any]:
    with run.makefile("rb") as file:
        request: dict[str, Any] = json.load(file)
    return request


def _report(run: socket.socket, child: int) -> None:
    """Send the process id of a run, and its exit code when it has ended; then end."""
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    run.sendall(b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    run.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def main() -> None:
    del sys.path[0]  # the folder of this file
    load()
    gc.collect()
    gc.freeze()
    request = next_run(socket.socket(fileno=int(sys.argv[1])))
    if os.isatty(1):
        # Python's own streams are of files, which they take terminals for.
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["variables"])
    time.tzset()
    sys.argv = ["taskrole", *request["arguments"]]
    sys.path.insert(0, request["path"])
    os._exit(_end_of(partial(runpy.run_module, "taskrole", run_name="__main__", alter_sys=True)))


def _end_of(program: Callable[[], object]) -> int:
    """Run a program, finish it as the interpreter does, but for taking modules apart; return its exit code."""
    code = 0
    try:
        program()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 -- whatever ends it
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        code = 120
    return code


if __name__ == "__main__":
    main()
