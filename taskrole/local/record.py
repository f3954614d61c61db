"""The record of a running embedded AWS: a file in the project's folder that later commands read.

Only its owner can read it, so a server that proves to know its token is the right one. A record that others can read or
write, such as a file in a repository, is ignored.
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
    """The address and process of an embedded AWS, and the token by which it proves its identity.

    `start` is the process's start time, as returned by `process.start_time`.
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
        """Return the server's response to a challenge, which proves the token without revealing it."""
        message = f"{self.pid} {challenge}".encode("utf-8", "replace")
        return hmac.new(self.token.encode("utf-8", "replace"), message, hashlib.sha256).hexdigest()


def record_path(folder: Path) -> Path:
    """Return the path of the record in taskrole's folder."""
    return folder / "local.json"


def log_path(folder: Path) -> Path:
    """Return the path of the server's log in taskrole's folder."""
    return folder / "local.log"


def lock_path(folder: Path) -> Path:
    """Return the path of the file that the server locks while it runs."""
    return folder / "local.lock"


def read_record(folder: Path) -> ServerRecord | None:
    """Return the record, or None if there is none, or if others could have written it."""
    try:
        return _checked(json.loads(read_regular(record_path(folder), largest=_LARGEST, is_private=True)))
    except (InputError, ValueError, RecursionError):
        return None


def write_record(folder: Path, record: ServerRecord) -> None:
    """Write the record atomically. Raises InputError if it cannot be written."""
    make_folder(folder)
    keep_private(record_path(folder), json.dumps(asdict(record), indent=2) + "\n")


def remove_record(folder: Path) -> None:
    """Remove the record, if it exists. Raises InputError if it cannot be removed."""
    remove_file(record_path(folder))


def _checked(given: object) -> ServerRecord:
    """Return the record in JSON data. Raises ValueError for other data."""
    if not isinstance(given, dict) or set(given) != {"port", "pid", "token", "start"}:
        raise BadValueError("the keys of a record are missing, or there are more")
    port, pid, token, start = (given[name] for name in ("port", "pid", "token", "start"))
    # bool is a kind of int.
    if type(port) is not int or type(pid) is not int or not isinstance(token, str) or not isinstance(start, str):
        raise BadValueError("a value of the record is of another type")
    if not 0 < port <= HIGHEST_PORT or not token or not start:
        raise BadValueError("a value of the record is out of range")
    return ServerRecord(port, pid, token, start)
