"""Tests that files are synced to disk before their rename, and their folders after."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.export.folder import MANIFEST, replace_module
from taskrole.files import create, replace_unchanged, write_beside

Written = Callable[[Path], object]

WRITERS: dict[str, Written] = {
    "written": lambda folder: write_beside(folder / "f", "new\n"),
    "compared": lambda folder: replace_unchanged(folder / "f", "new\n", b"old\n"),
    "created": lambda folder: create(folder / "g", "new\n"),
}


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files and folders that are synced to disk, in order; the calls are real."""
    paths: list[Path] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        paths.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return paths


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_a_file_is_synced_before_its_rename_and_its_folder_after(
    tmp_path: Path, synced: list[Path], writer: Written
) -> None:
    (tmp_path / "f").write_text("old\n")

    writer(tmp_path)

    beside, folder = synced
    assert beside.name.startswith((".f.taskrole-file-", ".g.taskrole-file-"))
    assert folder == tmp_path


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_is_synced_before_its_rename_and_its_parent_after(
    tmp_path: Path, synced: list[Path], is_there: bool
) -> None:
    if is_there:
        replace_module(tmp_path / "m", {"old.tf": "text\n"})
        synced.clear()

    replace_module(tmp_path / "m", {"main.tf": "text\n", "modules/s/main.tf": "text\n"})

    *beside, around = synced
    (new,) = {path.relative_to(tmp_path).parts[0] for path in beside}
    assert new.startswith(".m.taskrole-new-")
    below = [path.relative_to(tmp_path / new).as_posix() for path in beside]
    assert sorted(below) == sorted(["main.tf", MANIFEST, "modules/s/main.tf", "modules/s", "modules", "."])
    assert max(map(below.index, ("main.tf", MANIFEST, "modules/s/main.tf"))) < below.index("modules/s")
    assert below[-2:] == ["modules", "."]
    assert around == tmp_path


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_a_failing_disk_is_an_error_in_one_line_and_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Written
) -> None:
    (tmp_path / "f").write_text("old\n")
    _fail(monkeypatch, errno.EIO)

    with pytest.raises(InputError, match="cannot be written: Input/output error"):
        writer(tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "old\n"}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_without_support_for_fsync_files_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Written
) -> None:
    (tmp_path / "f").write_text("old\n")
    _fail(monkeypatch, errno.EINVAL)

    writer(tmp_path)

    assert "new\n" in {path.read_text() for path in tmp_path.iterdir()}


def _fail(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)


def test_partial_writes_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:3]))

    write_beside(tmp_path / "f", "more than three\n")

    assert (tmp_path / "f").read_text() == "more than three\n"
