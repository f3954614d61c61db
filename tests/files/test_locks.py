"""Tests locks of folders: one writer at a time, also for replaced folders and without file locks."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.files import try_lock, write_beside
from taskrole.files.locks import locked

LEFT = ".f.taskrole-file-0123abcd"


def test_a_folder_that_is_replaced_during_locking_is_locked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    flock = fcntl.flock

    def replaced_before(descriptor: int, operation: int) -> None:
        if not (tmp_path / "old").exists():
            folder.rename(tmp_path / "old")
            folder.mkdir()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", replaced_before)

    with locked(folder, folder / "f"):
        other = os.open(folder, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(other)


def test_without_file_locks_files_are_written_and_recent_temporary_files_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / LEFT).write_text("half")
    _fail(monkeypatch, errno.ENOLCK)

    write_beside(tmp_path / "f", "text\n")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "text\n", LEFT: "half"}


def test_a_failed_lock_is_an_error_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fail(monkeypatch, errno.EIO)

    with pytest.raises(InputError, match="cannot be written: Input/output error"):
        write_beside(tmp_path / "f", "text\n")

    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_a_process_is_exclusive_and_private(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        first = try_lock(tmp_path / "lock")
    finally:
        os.umask(mask)

    assert first is not None
    assert try_lock(tmp_path / "lock") is None
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    os.close(first)
    again = try_lock(tmp_path / "lock")
    assert again is not None
    os.close(again)


def test_a_lock_of_a_process_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("elsewhere")

    with pytest.raises(InputError, match="Too many levels of symbolic links"):
        try_lock(tmp_path / "lock")

    assert not (tmp_path / "elsewhere").exists()


def _fail(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fail(_: int, __: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", fail)
