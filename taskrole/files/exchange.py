"""Atomically exchanges two paths, or renames a path to a new one, if the system has a call for it.

Source: https://man7.org/linux/man-pages/man2/renameat2.2.html
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from taskrole.system import renameat2

_AT_FDCWD = -100
_RENAME_NOREPLACE, _RENAME_EXCHANGE = 1, 2
# The system or file system does not support the call, or a sandbox blocks it.
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(first: Path, other: Path) -> bool:
    """Exchange two paths of one file system. Return False, without a change, if that is not supported.

    Raises OSError, such as FileNotFoundError if one of them does not exist.
    """
    return _rename(first, other, _RENAME_EXCHANGE)


def rename_to_new(path: Path, new: Path) -> bool:
    """Rename a path to one that does not exist. Return False, without a change, if that is not supported.

    Raises OSError: FileExistsError if the new path exists.
    """
    return _rename(path, new, _RENAME_NOREPLACE)


def _rename(path: Path, new: Path, flags: int) -> bool:
    rename = renameat2()
    if rename is None:
        return False
    import ctypes

    if rename(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(new), flags) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(new))
