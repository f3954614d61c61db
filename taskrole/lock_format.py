"""The format version of grants.lock.json, which determines whether this taskrole can read and replace a lock.

The number, not the version of taskrole, decides: versions with one format write the same bytes. A format above 1 has
the key `requires_taskrole`, the version that it came with, so that older versions can name it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

from taskrole import __version__
from taskrole.errors import InputError, Place, Problem, quote

LOCK_VERSION: Final = 1

_VERSION = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){1,2}(?:(?:a|b|rc)[0-9]{1,6})?")


def refuse_newer_format(data: Any, file: str) -> None:
    """Raise InputError for the data of a lock whose format is newer than that of this taskrole."""
    number = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(number, int) and number > LOCK_VERSION:
        version = data.get("requires_taskrole")
        is_named = isinstance(version, str) and _VERSION.fullmatch(version)
        writer = f"taskrole {version} or newer" if is_named else "a newer taskrole"
        wanted = f"'taskrole>={version}'" if is_named else "taskrole"
        message = (
            f"has schema_version {quote(number)}, but this taskrole reads {LOCK_VERSION}; it was written by {writer}"
            f" and is not changed; this is {__version__}; to upgrade, run: pip install --upgrade {wanted}"
        )
        raise InputError([Problem(Place(file), message)])


def refuse_to_replace_newer_format(content: bytes, file: str) -> None:
    """Raise InputError for a lock whose format is newer. Any other file may be replaced."""
    from taskrole.taskdef.json_text import parse_json

    data = None
    with suppress(InputError):
        data = parse_json(content, file)
    refuse_newer_format(data, file)
