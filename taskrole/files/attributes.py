"""The attributes that a file or folder keeps when its content is replaced: owner, mode, and extended attributes."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def keep_attributes(existing: Path, replacement: Path) -> None:
    """Copy the owner, mode and extended attributes of a file to its replacement.

    Raises OSError if the owner would change: only the superuser can change it.
    """
    wanted, own = existing.stat(), replacement.stat()
    if (wanted.st_uid, wanted.st_gid) != (own.st_uid, own.st_gid):
        try:
            os.chown(replacement, wanted.st_uid, wanted.st_gid)
        except OSError:
            # A group that the user is not in is ignored; another owner is an error.
            if wanted.st_uid != own.st_uid:
                raise
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(existing):
                os.setxattr(replacement, name, os.getxattr(existing, name))
    replacement.chmod(stat.S_IMODE(wanted.st_mode))
