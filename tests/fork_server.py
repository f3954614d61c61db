"""A process with the modules of the command line loaded, which forks for each run; `tests/forked.py` starts it.

It never runs a verb, so each child is like a new process after its imports, without state of pytest. Only data of
packages that most verbs read, and the model of options, are in caches.
`python tests/fork_server.py DESCRIPTOR` receives one byte with four descriptors per run from that socket: the run's own
socket, and its standard input, output and error. It ends when the other side of the socket is closed.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib.util
import json
import os
import pkgutil
import posix
import runpy
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

# Modules that boto3 and the verbs import on first use, if they are installed.
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
# The services whose descriptions runs read, which takes a tenth of a second of processor time.
SERVICES = ("ecs", "iam", "sts")
# The services whose actions are in most policies of tests, and in the workshop's managed policies.
ACTIONS = (
    *("cloudformation", "cloudwatch", "docdb-elastic", "ec2", "ecr", "ecs", "iam", "kms", "lambda", "logs"),
    *("observabilityadmin", "rds", "redshift", "redshift-serverless", "s3", "secretsmanager", "serverlessrepo"),
    *("sqs", "ssm", "tag"),
)


def load() -> None:
    """Import every module of taskrole, and the late imports of its verbs."""
    import taskrole

    for module in pkgutil.walk_packages(taskrole.__path__, "taskrole."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    for name in LATE:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    _read_data()
    if "botocore.session" in sys.modules:
        _read_descriptions()


def _read_data() -> None:
    """Read actions and managed policies, and create the model of options, which takes most runs longer than a fork."""
    from taskrole.config.options_model import options_model
    from taskrole.policy.catalogue.actions import known_action
    from taskrole.policy.catalogue.managed import managed_policy

    options_model()
    managed_policy("ReadOnlyAccess")
    for service in ACTIONS:
        known_action(f"{service}:")


def _read_descriptions() -> None:
    """Share one loader, which has read the descriptions of services, between all botocore sessions."""
    import botocore.session

    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    loader = botocore.session.create_loader(None)
    for data in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader.load_data_with_path(data)
    for service in SERVICES:
        for data in ("service-2", "endpoint-rule-set-1", "paginators-1"):
            loader.load_service_model(service, data)


def next_run(control: socket.socket) -> dict[str, Any]:
    """Return the request of a run in its child process; SystemExit ends the server."""
    handlers = [
        (signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_IGN)),
        (signal.SIGCHLD, signal.signal(signal.SIGCHLD, lambda *_: None)),
    ]
    ended, wakeup = socket.socketpair()
    wakeup.setblocking(False)
    signal.set_wakeup_fd(wakeup.fileno())  # receives a byte when a run ends
    runs: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([control, ended], [], [])
        if ended in ready:
            ended.recv(512)
            _report_ends(runs)
            continue
        message, descriptors, _, _ = socket.recv_fds(control, 1, 4)
        if not message:
            raise SystemExit
        run = socket.socket(fileno=descriptors[0])
        # os lacks it in tests that remove what Windows lacks.
        child = posix.fork()
        if child == 0:
            break
        run.sendall(b"%d\n" % child)
        runs[child] = run
        for descriptor in descriptors[1:]:
            os.close(descriptor)
    signal.set_wakeup_fd(-1)
    for number, handler in handlers:
        signal.signal(number, handler)
    for other in (control, ended, wakeup, *runs.values()):
        other.close()
    with run, run.makefile("rb") as file:
        request: dict[str, Any] = json.load(file)
    for descriptor, standard in zip(descriptors[1:], (0, 1, 2), strict=True):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    return request


def _report_ends(runs: dict[int, socket.socket]) -> None:
    """Send the exit code of each run that has ended, unless its test no longer waits for it."""
    while runs:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        with runs.pop(child) as run, suppress(BrokenPipeError):
            run.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def main() -> None:
    del sys.path[0]  # the folder of this file
    gc.disable()
    load()
    gc.freeze()
    gc.enable()
    request = next_run(socket.socket(fileno=int(sys.argv[1])))
    if os.isatty(1):
        # Python's own streams were opened for files, not terminals.
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["variables"])
    time.tzset()
    sys.argv = ["taskrole", *request["arguments"]]
    sys.path.insert(0, request["path"])
    os._exit(_end_of(functools.partial(runpy.run_module, "taskrole", run_name="__main__", alter_sys=True)))


def _end_of(program: Callable[[], object]) -> int:
    """Run a program, finish it like the interpreter without destroying modules, and return its exit code."""
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
