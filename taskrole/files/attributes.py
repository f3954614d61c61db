"""What a file or folder keeps when its content is replaced: owner, mode and extended attributes such as ACLs."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def keep_attributes(existing: Path, replacement: Path) -> None:
    """Give a replacement the owner, mode and extended attributes of what it replaces.

    Raises OSError where the owner would change: only the superuser may give files away.
    """
    wanted, own = existing.stat(), replacement.stat()
    if (wanted.st_uid, wanted.st_gid) != (own.st_uid, own.st_gid):
        try:
            os.chown(replacement, wanted.st_uid, wanted.st_gid)
        except OSError:
            # A group that its user is not in is not worth a refusal, another owner is.
            if wanted.st_uid != own.st_uid:
                raise
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(existing):
                os.setxattr(replacement, name, os.getxattr(existing, name))
    replacement.chmod(stat.S_IMODE(wanted.st_mode))
