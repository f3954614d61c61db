"""A process with the embedded AWS and AWS managed policies loaded, which forks for each server of the tests.

`python tests/aws_fork_server.py DESCRIPTOR` receives the path of a folder and its lock for each from that socket,
and ends when the socket's other side is closed. Each child serves like the process of `taskrole local up`.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from pathlib import Path

# What moto's server imports when it is first asked for one.
SERVICES = ("ec2", "ecr", "ecs", "iam", "logs", "s3", "secretsmanager", "ssm", "sts")


def load() -> None:
    """Import the modules of the server, and create the account with AWS managed policies, which takes moto a second.

    moto creates them for each partition, all at the first request.
    """
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    import boto3
    import moto.moto_server.werkzeug_app  # noqa: F401 -- what taskrole.local.serve imports late
    import werkzeug.serving  # noqa: F401
    from moto.backends import get_backend
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.utilities.utils import PARTITION_NAMES

    from taskrole.local.environment import CREDENTIALS, REGION

    for service in SERVICES:
        get_backend(service)
    for partition in PARTITION_NAMES:
        _ = get_backend("iam")[DEFAULT_ACCOUNT_ID][partition]
    boto3.client("s3", region_name=REGION, **CREDENTIALS)


def next_folder(control: socket.socket) -> tuple[Path, int]:
    """Return the folder and lock of a server in its child process; SystemExit ends the parent."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # The system reaps ended children.
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            raise SystemExit
        (lock,) = descriptors
        if os.fork() == 0:
            break
        os.close(lock)
    control.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    return Path(os.fsdecode(message)), lock


def main() -> int:
    from taskrole.local import serve
    from taskrole.local.record import log_path

    gc.disable()
    load()
    gc.freeze()
    gc.enable()
    folder, lock = next_folder(socket.socket(fileno=int(sys.argv[1])))
    with log_path(folder).open("wb") as log:
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
    return serve.main(["--folder", str(folder), "--port", "0", "--lock", str(lock)])


if __name__ == "__main__":
    sys.exit(main())
