"""The record of a running embedded AWS: a file in the project's folder, so that every later command finds it.

Only its owner can read it, so that whoever proves to know its token is the server. A record that others could read or
write, such as a file of a repository, is ignored.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict
from pathlib import Path

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, InputError
from taskrole.files import keep_private, make_folder, remove_file
from taskrole.reading import read_regular

HOST = "127.0.0.1"
FOLDER = Path(".taskrole")
HIGHEST_PORT = 65535
_LARGEST = 4096  # bytes


@dataclass(frozen=True)
class ServerRecord:
    """Where an embedded AWS listens, which process it is, and the token by which it proves to be the one started.

    `start` is the process's start time, as `process.start_time` returns it.
    """

    port: int
    pid: int
    token: str
    start: str = ""

    @property
    def endpoint(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://{HOST}:{self.port}"

    def proof(self, challenge: str) -> str:
        """Return what the server answers to a challenge, without the token being said."""
        message = f"{self.pid} {challenge}".encode("utf-8", "replace")
        return hmac.new(self.token.encode("utf-8", "replace"), message, hashlib.sha256).hexdigest()


def record_path(folder: Path) -> Path:
    """Return the record's file in a folder of taskrole's."""
    return folder / "local.json"


def log_path(folder: Path) -> Path:
    """Return the server's log in a folder of taskrole's."""
    return folder / "local.log"


def lock_path(folder: Path) -> Path:
    """Return the file that the server holds a lock on as long as it runs."""
    return folder / "local.lock"


def read_record(folder: Path) -> ServerRecord | None:
    """Return the record, or None where there is none that can be read, or that only its owner could have written."""
    try:
        return _checked(json.loads(read_regular(record_path(folder), largest=_LARGEST, is_private=True)))
    except (InputError, ValueError, RecursionError):
        return None


def write_record(folder: Path, record: ServerRecord) -> None:
    """Write the record whole. Raises InputError when it cannot be written."""
    make_folder(folder)
    keep_private(record_path(folder), json.dumps(asdict(record), indent=2) + "\n")


def remove_record(folder: Path) -> None:
    """Remove the record, where there is one. Raises InputError when it cannot be removed."""
    remove_file(record_path(folder))


def _checked(given: object) -> ServerRecord:
    """Return the record that JSON holds. Raises ValueError for anything else."""
    if not isinstance(given, dict) or set(given) != {"port", "pid", "token", "start"}:
        raise BadValueError("the keys of a record are missing, or there are more")
    port, pid, token, start = (given[name] for name in ("port", "pid", "token", "start"))
    # bool is a kind of int.
    if type(port) is not int or type(pid) is not int or not isinstance(token, str) or not isinstance(start, str):
        raise BadValueError("a value of the record is of another type")
    if not 0 < port <= HIGHEST_PORT or not token or not start:
        raise BadValueError("a value of the record is out of range")
    return ServerRecord(port, pid, token, start)
