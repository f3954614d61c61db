"""Replaces an export folder atomically, without losing edits.

A manifest in the folder contains the hash of each written file. If there are other files, or files with another hash,
the folder is not changed. Files of Terraform and Git in it, such as the lock file and the state, are kept.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

from taskrole.errors import InputError, Place, Problem, TaskroleError, printable, quote
from taskrole.files.errors import write_errors
from taskrole.files.folder import replace_folder as write_folder
from taskrole.reading import read_found

MANIFEST = ".taskrole-export.json"
_SCHEMA_VERSION = 1
_TAKEN_ALONG = (".git", ".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*")
_STATE_LOCK = ".*.tfstate.lock.info"
_MOST_LISTED = 20
_MOST_DIFFERENT_LINES = 200
_LARGEST_FILE = 10_000_000  # bytes


class EditedError(TaskroleError):
    """Files of a folder were edited: which, and how they differ from the new files."""


def replace_module(folder: Path, files: Mapping[str, str], *, force: bool = False, spared: Iterable[Path] = ()) -> None:
    """Write files, by path in a folder, as its only content.

    They are written into a folder next to it, which then replaces it. `force` discards other content, but never the
    working directory, the paths in `spared`, or files of Terraform and Git. Raises InputError if the folder contains
    these or other files, cannot be written, or is being changed; EditedError if files in it were edited. In all cases,
    nothing is changed.
    """

    def check(target: Path) -> None:
        _check_place(folder, target, spared)
        if target.is_dir():
            _check_idle(folder, target)
            if not force:
                _check_own(folder, target, files)

    whole = with_manifest(files)
    with write_errors(folder):
        _check_place(folder, Path(os.path.realpath(folder)), spared)
    write_folder(folder, whole, _is_taken_along, check)


def with_manifest(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return the files of a folder and their manifest, by which `replace_folder` recognises its own files."""
    return {**files, MANIFEST: _manifest_text(files)}


def _check_place(folder: Path, target: Path, spared: Iterable[Path]) -> None:
    if target.exists() and not target.is_dir():
        raise _refusal(folder, "is a file; name a folder")
    if any(parent.is_file() for parent in target.parents):
        raise _refusal(folder, "lies below a file")
    for path in (Path.cwd(), *spared):
        real = Path(os.path.realpath(path))
        if target in (real, *real.parents):
            raise _refusal(folder, f"holds {path}; name a folder for taskrole's files only")


def _check_idle(folder: Path, target: Path) -> None:
    """Refuse a folder in which Terraform holds a state lock: it would write to the replaced folder."""
    for place, folders, names in os.walk(target):
        folders[:] = [name for name in folders if not _is_taken_along(name)]
        for name in names:
            if fnmatch(name, _STATE_LOCK):
                path = folder / Path(place).relative_to(target) / name
                raise _refusal(path, "Terraform is running in this folder; wait for it, or remove this file")


def _check_own(folder: Path, target: Path, files: Mapping[str, str]) -> None:
    manifest = _manifest(target)
    present = dict(_found(target))
    foreign = [name for name in present if name not in manifest and name != MANIFEST]
    if foreign:
        listed = ", ".join(quote(name) for name in foreign[:_MOST_LISTED])
        more = " and more" if len(foreign) > _MOST_LISTED else ""
        raise _refusal(
            folder,
            f"holds files that taskrole did not write: {listed}{more}; name another folder, or discard them: --force",
        )
    changed = [name for name in manifest if name not in present or _hash(target, present[name]) != manifest[name]]
    if changed:
        lines = [_change_line(folder, name, present.get(name)) for name in sorted(changed)]
        difference = _difference(target, [name for name in sorted(changed) if name in present], files)
        raise EditedError("\n".join([*lines, *difference]))


def _found(target: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files and links in a folder by relative path, except those that are kept."""
    for place, folders, names in os.walk(target):
        folders[:] = sorted(name for name in folders if not _is_taken_along(name))
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in sorted([*names, *links]):
            if not _is_taken_along(name):
                path = Path(place) / name
                yield path.relative_to(target).as_posix(), path


def _is_taken_along(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in _TAKEN_ALONG)


def _manifest(target: Path) -> dict[str, str]:
    """Return the hashes of the files that were written to a folder, or none if they are unknown."""
    try:
        hashes = json.loads(_read(target, target / MANIFEST))["files"]
        return {str(name): str(value) for name, value in hashes.items()}
    except (InputError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _manifest_text(files: Mapping[str, str]) -> str:
    hashes = {name: sha256(text.encode("utf-8")).hexdigest() for name, text in sorted(files.items())}
    return json.dumps({"schema_version": _SCHEMA_VERSION, "files": hashes}, indent=2) + "\n"


def _hash(target: Path, path: Path) -> str:
    """Return the hash of a file; empty for a link, and for an unreadable file."""
    try:
        return "" if path.is_symlink() else sha256(_read(target, path)).hexdigest()
    except InputError:
        return ""


def _read(target: Path, path: Path) -> bytes:
    return read_found(path, target, largest=_LARGEST_FILE)


def _lines_there(target: Path, name: str) -> list[str]:
    """Return the lines of a file, or the target of a link, which is not followed."""
    path = target / name
    if path.is_symlink():
        return [f"(a symbolic link to {path.readlink()})"]
    try:
        return _read(target, path).decode("utf-8", "replace").splitlines()
    except InputError as error:
        return [f"({error.problems[0].message})"]


def _change_line(folder: Path, name: str, path: Path | None) -> str:
    what = "was removed" if path is None else "was changed"
    return str(
        Problem(
            Place(str(folder / name)), f"{what} since taskrole wrote it; name another folder, or discard it: --force"
        )
    )


def _difference(target: Path, names: Iterable[str], files: Mapping[str, str]) -> list[str]:
    """Return how files differ from the new ones, as a unified diff."""
    lines: list[str] = []
    for name in names:
        lines += difflib.unified_diff(
            _lines_there(target, name),
            files.get(name, "").splitlines(),
            f"{name} (there)",
            f"{name} (export)",
            lineterm="",
        )
    left_out = len(lines) - _MOST_DIFFERENT_LINES
    more = [f"and {left_out} more lines"] if left_out > 0 else []
    return [*map(printable, lines[:_MOST_DIFFERENT_LINES]), *more]


def _refusal(folder: Path, message: str) -> InputError:
    return InputError([Problem(Place(str(folder)), message)])
