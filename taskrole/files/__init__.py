"""The only part of taskrole that writes to disk: files and folders, whole or not at all, by one process at a time.

A test keeps every other module from writing. Modules: `write` (a file), `several` (new files),
`folder` (a folder with all that is in it), `simple` (making folders, temporary ones too, removing files, logs),
`process_lock`; below them `locks`, `exchange`, `leftovers`, `attributes` and `errors`.
"""

from __future__ import annotations

from taskrole.files.errors import ChangedError
from taskrole.files.process_lock import try_lock
from taskrole.files.several import create_all
from taskrole.files.simple import (
    make_folder,
    open_log,
    remove_empty_folder,
    remove_file,
    spooled,
    temporary_folder,
    write_temporary,
)
from taskrole.files.write import create, keep_private, replace_unchanged, write_beside

__all__ = [
    "ChangedError",
    "create",
    "create_all",
    "keep_private",
    "make_folder",
    "open_log",
    "remove_empty_folder",
    "remove_file",
    "replace_unchanged",
    "spooled",
    "temporary_folder",
    "try_lock",
    "write_beside",
    "write_temporary",
]
