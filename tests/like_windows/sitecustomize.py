"""Removes from Python what Windows lacks, if it starts with this folder in PYTHONPATH."""

from __future__ import annotations

import contextlib
import importlib.abc
import os
import sys
import warnings

# Windows has ctypes; removing it removes the C library of Linux.
MODULES = frozenset({"ctypes", "fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"})
FLAGS = ("CLOEXEC", "DIRECTORY", "NOCTTY", "NOFOLLOW", "NONBLOCK", "PATH")
CALLS = (
    *("chown", "fchmod", "fchown", "lchown", "fork", "forkpty", "posix_spawn", "wait4", "mkfifo", "mknod"),
    *("getegid", "geteuid", "getgid", "getpgid", "getuid", "killpg", "setsid", "uname", "pidfd_open", "statvfs"),
    *("get_blocking", "set_blocking", "getxattr", "listxattr", "setxattr"),
)


class _Lacking(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> None:
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


for module in MODULES & set(sys.modules):
    del sys.modules[module]
sys.meta_path.insert(0, _Lacking())
for attribute in (*(f"O_{flag}" for flag in FLAGS), *CALLS):
    with contextlib.suppress(AttributeError):
        delattr(os, attribute)
os.supports_dir_fd = set()
# Files and pipes have the code page of the language, like files opened without an encoding.
for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(encoding="cp1252", errors="strict", newline="\r\n")
warnings.filterwarnings("ignore", category=EncodingWarning)
warnings.filterwarnings("error", category=EncodingWarning, module="taskrole")
