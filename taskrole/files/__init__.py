"""The only package that writes to disk: files and folders, atomically, by one process at a time.

A test keeps all other modules from writing. Modules: `write` (a file), `several` (new files), `folder` (a folder with
its contents), `simple` (creating folders, including temporary ones, removing files, logs), `process_lock`; used by
them: `locks`, `exchange`, `leftovers`, `attributes` and `errors`.
"""

from __future__ import annotations

from taskrole.files.errors import ChangedError
from taskrole.files.process_lock import try_lock
from taskrole.files.several import create_all
from taskrole.files.simple import (
    append,
    make_folder,
    open_log,
    remove_empty_folder,
    remove_file,
    temporary_file,
    temporary_folder,
    write_temporary,
)
from taskrole.files.write import create, keep_private, replace_unchanged, write_beside

__all__ = [
    "ChangedError",
    "append",
    "create",
    "create_all",
    "keep_private",
    "make_folder",
    "open_log",
    "remove_empty_folder",
    "remove_file",
    "replace_unchanged",
    "temporary_file",
    "temporary_folder",
    "try_lock",
    "write_beside",
    "write_temporary",
]
