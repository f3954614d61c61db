"""Replaces a folder atomically, keeping some of its files, which are linked into the new folder and never moved.

The new folder is created next to the old one and exchanged with it in one step, if the system supports it. Otherwise,
the old one is moved aside first; if the process is killed in between, the next writer of the folder recovers it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from taskrole.files.attributes import keep_attributes
from taskrole.files.disk import open_new_file, sync, sync_folder
from taskrole.files.errors import ChangedError, write_errors
from taskrole.files.exchange import exchange
from taskrole.files.leftovers import beside, recover_folder, remove_tree
from taskrole.files.locks import locked

_Entry = tuple[int, int, int, int]  # inode, mode, size in bytes, time of the last change in nanoseconds
IsKept = Callable[[str], bool]


def replace_folder(folder: Path, files: Mapping[str, str], is_kept: IsKept, check: Callable[[Path], None]) -> None:
    """Write files, by path in the folder, as its only content except what `is_kept` keeps by name.

    `check` gets the real path of the folder and raises an error to reject it; after that, its contents must not change.
    Raises InputError if the folder cannot be written, ChangedError if it was changed meanwhile. In both cases, nothing
    is changed.
    """
    target = Path(os.path.realpath(folder))
    with write_errors(folder):
        made = _make_parents(target)
        try:
            with locked(target.parent, folder):
                recover_folder(folder, target, lambda leftover: _kept_files(leftover, is_kept))
                before = _entries(target)
                check(target)
                _replace(folder, target, files, is_kept, before)
        except BaseException:
            for parent in made:
                with contextlib.suppress(OSError):
                    parent.rmdir()
            raise


def _make_parents(target: Path) -> Sequence[Path]:
    """Create the folders above a target; return the created ones, innermost first."""
    missing = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _replace(
    folder: Path, target: Path, files: Mapping[str, str], is_kept: IsKept, before: Mapping[str, _Entry]
) -> None:
    new = beside(target, "new")
    is_there = target.is_dir()
    try:
        new.mkdir(0o700 if is_there else 0o777)
        _fill(new, files)
        if is_there:
            _link_kept(target, new, is_kept)
            _keep_all_attributes(target, new, files)
        for place, _, _ in os.walk(new, topdown=False):
            sync_folder(Path(place))
        old = _put_in_place(folder, new, target, before) if is_there else None
        if not is_there:
            new.rename(target)
    except BaseException:
        remove_tree(new)
        raise
    sync_folder(target.parent)
    if old:
        remove_tree(old)


def _put_in_place(folder: Path, new: Path, target: Path, before: Mapping[str, _Entry]) -> Path:
    """Put the new folder in place of the old one; return the path of the old one."""
    if exchange(new, target):
        if _entries(new) != before:
            exchange(new, target)
            raise ChangedError(folder)
        return new
    old = beside(target, "old")
    target.rename(old)
    try:
        is_same = _entries(old) == before
        if is_same:
            new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    if not is_same:
        old.rename(target)
        raise ChangedError(folder)
    return old


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_new_file(path, text.encode("utf-8"))
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)


def _keep_all_attributes(target: Path, new: Path, files: Mapping[str, str]) -> None:
    parents = {parent for name in files for parent in Path(name).parents}
    for name in [*map(Path, files), *sorted(parents, key=lambda path: len(path.parts), reverse=True)]:
        existing, replacement = target / name, new / name
        if not existing.is_symlink() and (existing.is_dir() if replacement.is_dir() else existing.is_file()):
            keep_attributes(existing, replacement)


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder like os.walk. Raises OSError for an unreadable subfolder, instead of skipping it."""

    def fail(error: OSError) -> None:
        raise error

    return os.walk(folder, onerror=fail)


def _entries(folder: Path) -> Mapping[str, _Entry]:
    """Return the contents of a folder by relative path; empty if the folder does not exist."""
    entries: dict[str, _Entry] = {}
    if not folder.is_dir():
        return entries
    for place, folders, names in _walk(folder):
        for name in (*folders, *names):
            path = Path(place) / name
            status = path.lstat()
            is_folder = stat.S_ISDIR(status.st_mode)
            # The size and time of a folder change with its entries, which are listed separately.
            entries[str(path.relative_to(folder))] = (
                status.st_ino,
                status.st_mode,
                0 if is_folder else status.st_size,
                0 if is_folder else status.st_mtime_ns,
            )
    return entries


def _kept(folder: Path, is_kept: IsKept) -> Iterator[Path]:
    """Yield the relative paths of kept files and folders, without the contents of kept folders."""
    for place, folders, names in _walk(folder):
        kept = [name for name in folders if is_kept(name)]
        folders[:] = [name for name in folders if name not in kept]
        for name in filter(is_kept, [*kept, *names]):
            yield Path(place).relative_to(folder) / name


def _kept_files(folder: Path, is_kept: IsKept) -> Iterator[str]:
    return (str(path) for path in _kept(folder, is_kept))


def _link_kept(target: Path, new: Path, is_kept: IsKept) -> None:
    for path in _kept(target, is_kept):
        (new / path.parent).mkdir(parents=True, exist_ok=True)
        _link_tree(target / path, new / path)


def _link_tree(source: Path, destination: Path) -> None:
    """Hard-link files, because providers are large and Terraform may write to its state at any time."""
    if source.is_symlink() or not source.is_dir():
        _link_or_copy(source, destination)
        return
    destination.mkdir()
    for entry in sorted(source.iterdir()):
        _link_tree(entry, destination / entry.name)
    keep_attributes(source, destination)


def _link_or_copy(source: Path, destination: Path) -> None:
    try:
        os.link(source, destination, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # The file system does not support hard links, or the system cannot link to a link.
        shutil.copy2(source, destination, follow_symlinks=False)
        if not destination.is_symlink():
            descriptor = os.open(destination, os.O_RDONLY)
            try:
                sync(descriptor)
            finally:
                os.close(descriptor)
