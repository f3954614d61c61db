"""Tests that several new files are written completely or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.files import ChangedError, create_all


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_files_are_written_with_their_parent_folders(tmp_path: Path) -> None:
    create_all({tmp_path / "a/b/c": "c\n", tmp_path / "a/d": "d\n"})

    assert below(tmp_path) == {"a", "a/b", "a/b/c", "a/d"}
    assert (tmp_path / "a/b/c").read_text() == "c\n"


def test_files_written_before_an_error_are_removed(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine\n")

    with pytest.raises(ChangedError):
        create_all({tmp_path / "new": "x\n", tmp_path / "a/b/c": "c\n", tmp_path / "there": "theirs\n"})

    assert below(tmp_path) == {"there"}
    assert (tmp_path / "there").read_text() == "mine\n"


@pytest.mark.parametrize("place", ["there/below", "/proc/none/at/all"])
def test_a_folder_that_cannot_be_created_is_an_error_in_one_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "there").write_text("mine\n")

    with pytest.raises(InputError, match="cannot be written") as refused:
        create_all({tmp_path / "new": "x\n", tmp_path / place: "c\n"})

    assert len(refused.value.problems) == 1
    assert below(tmp_path) == {"there"}
