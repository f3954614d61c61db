"""The record of a running embedded AWS: a file in the project's folder, so that every later command finds it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from taskrole.files import make_folder, remove_file, write_beside

HOST = "127.0.0.1"
FOLDER = Path(".taskrole")


@dataclass(frozen=True)
class Record:
    """Where an embedded AWS listens, which process it is, and the token by which it proves to be the one started."""

    port: int
    pid: int
    token: str

    @property
    def endpoint(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://{HOST}:{self.port}"


def record_path(folder: Path) -> Path:
    """Return the record's file in a folder of taskrole's."""
    return folder / "local.json"


def log_path(folder: Path) -> Path:
    """Return the server's log in a folder of taskrole's."""
    return folder / "local.log"


def read_record(folder: Path) -> Record | None:
    """Return the record, or None where there is none that can be read."""
    try:
        return Record(**json.loads(record_path(folder).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_record(folder: Path, record: Record) -> None:
    """Write the record whole. Raises InputError when it cannot be written."""
    make_folder(folder)
    write_beside(record_path(folder), json.dumps(asdict(record), indent=2) + "\n")


def remove_record(folder: Path) -> None:
    """Remove the record, where there is one. Raises InputError when it cannot be removed."""
    remove_file(record_path(folder))
