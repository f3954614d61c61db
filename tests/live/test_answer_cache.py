"""Answers that are kept: for one reader alone, out of reach of others, and never longer than the reading."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.live.answer_cache import Answers, check_folder, default_folder

READER = ("arn:aws:iam::123456789012:user/me", "123456789012", "eu-central-1")
REQUEST = ["ecs", "list_services", {"cluster": "main"}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache/audit"


def test_a_kept_answer_is_found_again(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {"serviceArns": []})

    answers = Answers(root, READER)

    assert answers.find(REQUEST) == {"serviceArns": []}
    assert answers.reused == 1


@pytest.mark.parametrize("place", range(len(READER)))
def test_the_answers_of_another_caller_account_or_region_are_not_used(root: Path, place: int) -> None:
    Answers(root, READER).keep(REQUEST, {"serviceArns": []})

    other = tuple("another" if index == place else value for index, value in enumerate(READER))

    assert Answers(root, other).find(REQUEST) is None


def test_the_answers_of_another_version_are_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(root, READER).keep(REQUEST, {"serviceArns": []})

    monkeypatch.setattr("taskrole.live.answer_cache.__version__", "0.0.0")

    assert Answers(root, READER).find(REQUEST) is None


def test_a_file_in_the_right_place_with_another_binding_is_not_used(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {"serviceArns": []})
    (path,) = root.rglob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "binding": []}))

    assert Answers(root, READER).find(REQUEST) is None


def test_only_the_owner_may_read_what_is_kept(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {})

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (root, *root.iterdir())}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*.json")} == {0o600}


def test_a_folder_that_others_may_write_to_is_refused(root: Path) -> None:
    root.mkdir(parents=True)
    root.chmod(0o755)

    with pytest.raises(InputError, match=r"is open to others \(mode 755\)"):
        Answers(root, READER)


def test_a_link_in_the_place_of_the_folder_is_refused(root: Path, tmp_path: Path) -> None:
    root.parent.mkdir()
    root.symlink_to(tmp_path)

    with pytest.raises(InputError, match="is no folder"):
        Answers(root, READER)


def test_a_folder_in_a_git_working_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()

    with pytest.raises(InputError, match="is inside of a Git working tree"):
        check_folder(tmp_path / ".taskrole/audit")
    check_folder(tmp_path.parent)


def test_the_default_is_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == tmp_path / ".cache/taskrole/audit"

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert default_folder() == tmp_path / "x/taskrole/audit"


def test_what_killed_and_forgotten_readings_left_is_removed(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {})
    Answers(root, ("another", *READER[1:])).keep(REQUEST, {})
    (path,) = (one for one in root.rglob("*.json") if "another" in one.read_text())
    half_written = path.with_name(f".{path.name}.taskrole-file-0123abcd")
    half_written.touch()
    two_days_ago = time.time() - 48 * 3_600
    for one in (half_written, path, path.parent):
        os.utime(one, (two_days_ago, two_days_ago))

    answers = Answers(root, READER)

    assert not path.parent.exists()
    assert answers.find(REQUEST) == {}


def test_a_default_folder_that_cannot_be_written_to_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answers = Answers(tmp_path / "file/audit", READER)

    answers.keep(REQUEST, {})

    assert "cannot be" in answers.problem
    with pytest.raises(InputError):
        Answers(tmp_path / "file/audit", READER, is_required=True).keep(REQUEST, {})
