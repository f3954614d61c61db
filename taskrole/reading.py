"""Opens input files: files given by the user, and files found in a folder or a manifest.

A path on the command line can be anything readable, including a pipe or device. A found path is read only if it is a
regular file inside its folder or the project, without blocking: a checkout may contain links to other files and pipes.
All errors are one-line InputErrors that do not quote content.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

from taskrole.errors import refusal
from taskrole.system import (
    CAN_OPEN_INSIDE,
    O_BINARY,
    O_DIRECTORY,
    O_NOCTTY,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_PATH,
    is_open_to_others,
    is_own,
)

LARGEST_FILE = 5 << 20  # bytes
STANDARD_INPUT = "standard input"

_HEAD = 64 << 10  # bytes

_NO_FILE = "cannot be read: No such file or directory"
_FOLDER_FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW
_FILE_FLAGS = os.O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_BINARY


# The maximum number of bytes, or a function that returns it for the first 64 KiB of a file that is not smaller.
Limit: TypeAlias = "int | Callable[[bytes], int]"


def read_named(path: Path | str, *, largest: Limit = LARGEST_FILE, missing: str = _NO_FILE) -> bytes:
    """Return the content of a file, pipe or device given by the user, at most `largest` bytes.

    `missing` is the message for a name that does not exist. Raises InputError.
    """
    with open_named(path, missing=missing) as stream, _errors(path, missing):
        return _limited(stream, str(path), largest)


def open_named(path: Path | str, *, missing: str = _NO_FILE) -> BinaryIO:
    """Return the stream of a file, pipe or device given by the user. Raises InputError."""
    with _errors(path, missing):
        return Path(path).open("rb")


def standard_input() -> BinaryIO:
    """Return the stream of standard input."""
    return sys.stdin.buffer


def read_standard_input(*, largest: Limit = LARGEST_FILE) -> bytes:
    """Return the bytes of standard input, at most `largest`. Raises InputError."""
    with _errors(STANDARD_INPUT, _NO_FILE):
        return _limited(standard_input(), STANDARD_INPUT, largest)


def read_declared(path: Path, *, missing: str = _NO_FILE) -> bytes:
    """Return the content of a file with a default name, such as roles.yaml, or a given name.

    In the project it may be a link only to another file of the project. Raises InputError.
    """
    with _errors(path, missing):
        root, lexical = project_root(), os.path.abspath(path)  # noqa: PTH100 -- links stay
        if _is_inside(lexical, root) and not _is_inside(os.path.realpath(path), root):
            raise refusal(path, "is a symbolic link to a file outside the project; give the target itself")
    return read_named(path, missing=missing)


class RealPaths(NamedTuple):
    """The paths of a file and of the folder in which it must be, with all links resolved."""

    file: str
    folder: str


def read_found(
    path: Path | str,
    root: Path | str | None = None,
    *,
    largest: Limit = LARGEST_FILE,
    real: RealPaths | None = None,
) -> bytes:
    """Return the content of a regular file that was found, not given, at most `largest` bytes.

    With all links resolved, it must be inside of the folder `root` or of the project. `real` are the resolved paths of
    both, if they are known; a link that is in their place now is not followed. Raises InputError.
    """
    with open_found(path, root, real) as stream, _errors(path, _NO_FILE):
        return _limited(stream, str(path), largest)


def open_found(path: Path | str, root: Path | str | None = None, real: RealPaths | None = None) -> BinaryIO:
    """Return the stream of a regular file that was found, inside of `root` or of the project. Raises InputError."""
    with _errors(path, _NO_FILE):
        file, around = real or RealPaths(
            os.path.realpath(path), os.path.realpath(root) if root is not None else project_root()
        )
        if root is not None and not _is_inside(file, around):
            around = project_root()
        if not _is_inside(file, around):
            raise refusal(path, "is outside the project after resolving links, and is not read")
        return _regular_stream(_open_inside(file, around), path)


def read_regular(path: Path | str, *, largest: Limit = LARGEST_FILE, is_private: bool = False) -> bytes:
    """Return the content of a regular file of taskrole's own, at most `largest` bytes; links are not followed.

    With `is_private`, it must belong to this user, and be inaccessible to others. Raises InputError.
    """
    with _errors(path, _NO_FILE), _regular_stream(_open(str(path)), path, is_private=is_private) as stream:
        return _limited(stream, str(path), largest)


def project_root() -> str:
    """Return the real path of the project: the nearest parent of the working folder with .git, or that folder."""
    here = Path(os.path.realpath(Path.cwd()))
    return str(next((folder for folder in (here, *here.parents) if exists(folder / ".git")), here))


def exists(path: Path | str) -> bool:
    """Return whether a path exists; False for an invalid path."""
    return os.path.exists(path)  # noqa: PTH110 -- raises nothing


def is_file(path: Path | str) -> bool:
    """Return whether a path is a regular file; False for an invalid path."""
    return os.path.isfile(path)  # noqa: PTH113 -- raises nothing


def is_folder(path: Path | str) -> bool:
    """Return whether a path is a folder; False for an invalid path."""
    return os.path.isdir(path)  # noqa: PTH112 -- raises nothing


def _open_inside(real: str, root: str) -> int:
    """Return the descriptor of a file below a folder, without following links and without blocking."""
    if not CAN_OPEN_INSIDE:
        return _open(real)
    *folders, name = real.removeprefix(root).lstrip(os.sep).split(os.sep)  # noqa: PTH206 -- thousands of files
    folder = os.open(root, _FOLDER_FLAGS)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
            os.close(folder)
            folder = inner
        return _open(name or ".", folder)
    finally:
        os.close(folder)


def _open(name: str, folder: int | None = None) -> int:
    # Opening a device can have side effects.
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if not stat.S_ISREG(mode):
        raise OSError(0, _kind(mode))
    return os.open(name, _FILE_FLAGS, dir_fd=folder)


def _regular_stream(descriptor: int, path: Path | str, *, is_private: bool = False) -> BinaryIO:
    """Return the stream of an open file, or close it and raise InputError if it is not regular or not private."""
    stream = io.BufferedReader(io.FileIO(descriptor))  # not open(), which asks first whether it is a terminal
    status = os.fstat(descriptor)
    problem = "" if stat.S_ISREG(status.st_mode) else f"cannot be read: {_kind(status.st_mode)}"
    if is_private and (not is_own(status) or is_open_to_others(status)):
        problem = problem or "is not read: other users can read it or write to it"
    if problem:
        stream.close()
        raise refusal(path, problem)
    return stream


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "Is a directory"
    if stat.S_ISLNK(mode):  # Links are already resolved, so it is a loop.
        return "Too many levels of symbolic links"
    return "it is a pipe" if stat.S_ISFIFO(mode) else "it is not a regular file"


def _is_inside(path: str, root: str) -> bool:
    path, root = os.path.normcase(path), os.path.normcase(root)
    return path == root or path.startswith(os.path.join(root, ""))  # noqa: PTH118 -- thousands of files


def _limited(stream: BinaryIO, name: str, most: Limit) -> bytes:
    content = stream.read(_HEAD)
    if isinstance(most, int):
        largest = most
    elif len(content) < _HEAD:
        return content
    else:
        largest = most(content)
    # Most files end here; to read on is to allocate memory for the largest size first.
    if len(content) == _HEAD <= largest:
        content += stream.read(largest + 1 - _HEAD)
    if len(content) > largest:
        limit = f"{largest >> 20} MiB" if largest >= 1 << 20 else f"{largest} bytes"
        raise refusal(name, f"must be at most {limit}; split it into several files")
    return content


@contextmanager
def _errors(path: Path | str, missing: str) -> Iterator[None]:
    """Convert operating system errors to InputErrors with the path."""
    try:
        yield
    except FileNotFoundError:
        raise refusal(path, missing) from None
    except OSError as error:
        raise refusal(path, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        reason = "the path contains a null character" if "\0" in str(path) else "the path is invalid"
        raise refusal(path, f"cannot be read: {reason}") from error
