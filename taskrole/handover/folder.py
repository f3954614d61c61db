"""A folder that is replaced whole or not at all, and never where that would lose somebody's work.

A manifest in it holds the hash of each file that was written. What is there beside these, or differs from them, is
somebody else's: the folder is then left as it is. What belongs to Terraform or Git in it, such as the lock file and
the state, is nobody's edit and is taken along.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

from taskrole.errors import InputError, Place, Problem, TaskroleError, printable, shown

MANIFEST = ".taskrole-export.json"
_SCHEMA_VERSION = 1
_TAKEN_ALONG = (".git", ".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*")
_MOST_LISTED = 20
_MOST_DIFFERENT_LINES = 200
_LARGEST_FILE = 10_000_000  # bytes


class EditedError(TaskroleError):
    """Files of a folder are not as they were written: which, and how they differ from what was to be written."""


def replace_folder(folder: Path, files: Mapping[str, str], *, force: bool = False, spared: Iterable[Path] = ()) -> None:
    """Write files, by their paths below a folder, as all that is in the folder.

    They are written into a folder beside it, which then takes its place. `force` gives up whatever else there is, but
    never the working directory and the paths in `spared`. Raises InputError when the folder holds these or files of
    others, or cannot be written; EditedError when files in it were changed. Nothing is changed then.
    """
    try:
        target = folder.resolve()
        if target.exists() and not target.is_dir():
            raise _refusal(folder, "is a file; name a folder")
        if any(parent.is_file() for parent in target.parents):
            raise _refusal(folder, "lies below a file")
        for path in (Path.cwd(), *spared):
            if target in (path.resolve(), *path.resolve().parents):
                raise _refusal(folder, f"holds {path}; name a folder that taskrole can have for itself")
        if target.is_dir() and not force:
            _check_own(folder, target, files)
        _replace(target, files)
    except OSError as error:
        raise _refusal(folder, f"cannot be written: {error.strerror or error}") from error


def _check_own(folder: Path, target: Path, files: Mapping[str, str]) -> None:
    written = _manifest(target)
    found = dict(_found(target))
    foreign = [name for name in found if name not in written and name != MANIFEST]
    if foreign:
        listed = ", ".join(shown(name) for name in foreign[:_MOST_LISTED])
        more = " and more" if len(foreign) > _MOST_LISTED else ""
        raise _refusal(
            folder,
            f"holds files that taskrole did not write: {listed}{more}; name another folder, or give them up: --force",
        )
    changed = [name for name in written if name not in found or _hash(found[name]) != written[name]]
    if changed:
        lines = [_change_line(folder, name, found.get(name)) for name in sorted(changed)]
        difference = _difference(target, [name for name in sorted(changed) if name in found], files)
        raise EditedError("\n".join([*lines, *difference]))


def _found(target: Path) -> Iterator[tuple[str, Path]]:
    """Yield what is in a folder below it, by relative path: files and links, but not what is taken along."""
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
    """Return the hashes of the files that were written into a folder; none where nobody can tell."""
    try:
        hashes = json.loads(_read(target / MANIFEST))["files"]
        return {str(name): str(value) for name, value in hashes.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _manifest_text(files: Mapping[str, str]) -> str:
    hashes = {name: sha256(text.encode("utf-8")).hexdigest() for name, text in sorted(files.items())}
    return json.dumps({"schema_version": _SCHEMA_VERSION, "files": hashes}, indent=2) + "\n"


def _hash(path: Path) -> str:
    return sha256(_read(path)).hexdigest() if path.is_file() and not path.is_symlink() else ""


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_LARGEST_FILE)


def _change_line(folder: Path, name: str, path: Path | None) -> str:
    what = "was removed" if path is None else "was changed"
    return str(
        Problem(
            Place(str(folder / name)), f"{what} since taskrole wrote it; name another folder, or give it up: --force"
        )
    )


def _difference(target: Path, names: Iterable[str], files: Mapping[str, str]) -> list[str]:
    """Return how files differ from what was to be written, as a unified diff."""
    lines: list[str] = []
    for name in names:
        path = target / name
        there = _read(path).decode("utf-8", "replace") if path.is_file() else ""
        lines += difflib.unified_diff(
            there.splitlines(), files.get(name, "").splitlines(), f"{name} (there)", f"{name} (export)", lineterm=""
        )
    left_out = len(lines) - _MOST_DIFFERENT_LINES
    more = [f"and {left_out} lines more"] if left_out > 0 else []
    return [*map(printable, lines[:_MOST_DIFFERENT_LINES]), *more]


def _replace(target: Path, files: Mapping[str, str]) -> None:
    made = _made_parents(target)
    staging: Path | None = None
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        _fill(staging, {**files, MANIFEST: _manifest_text(files)})
        if target.is_dir():
            _take_along(target, staging)
            shutil.copymode(target, staging)
        else:
            staging.chmod(0o777 & ~_umask())
        _swap(staging, target)
    except BaseException:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for parent in made:
            parent.rmdir()
        raise


def _made_parents(target: Path) -> Sequence[Path]:
    """Make the folders above a target; return those that were not there, the innermost first."""
    missing = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _take_along(target: Path, staging: Path) -> None:
    for place, folders, names in os.walk(target):
        kept = [name for name in folders if _is_taken_along(name)]
        folders[:] = [name for name in folders if name not in kept]
        beside = staging / Path(place).relative_to(target)
        for name in filter(_is_taken_along, [*kept, *names]):
            beside.mkdir(parents=True, exist_ok=True)
            source = Path(place) / name
            if source.is_dir() and not source.is_symlink():
                shutil.copytree(source, beside / name, symlinks=True, copy_function=_link_or_copy)
            else:
                _link_or_copy(str(source), str(beside / name))


def _link_or_copy(source: str, destination: str) -> str:
    """Give a file a second name, since providers are large; copy it where the disk cannot do that."""
    try:
        os.link(source, destination, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, destination, follow_symlinks=False)
    return destination


def _swap(staging: Path, target: Path) -> None:
    if not target.is_dir():
        staging.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    try:
        target.rename(old)
        try:
            staging.rename(target)
        except BaseException:
            old.rename(target)
            raise
    finally:
        if target.is_dir():
            shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _refusal(folder: Path, message: str) -> InputError:
    return InputError([Problem(Place(str(folder)), message)])
