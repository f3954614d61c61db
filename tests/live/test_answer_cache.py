"""Tests the cache of answers: for a single reader, private, and removed after the reading."""

from __future__ import annotations

import json
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.live.answer_cache import Answers, check_folder, default_folder

READER = ("arn:aws:iam::123456789012:user/me", "123456789012", "eu-central-1")
REQUEST = ["ecs", "list_services", {"cluster": "main"}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache/audit"


def test_a_cached_answer_is_read_again(root: Path) -> None:
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


def _aged(hours: float) -> Callable[[Path], object]:
    def age(path: Path) -> None:
        then = time.time() - hours * 3_600
        os.utime(path, (then, then))

    return age


def _with(**members: object) -> Callable[[Path], object]:
    return lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


UNUSABLE: dict[str, Callable[[Path], object]] = {
    "of the day before": _aged(25),
    "of the future": _aged(-1),
    "of another request": _with(request=["ecs", "list_services", {"cluster": "other"}]),
    "cut short": lambda path: path.write_text(path.read_text()[:-1]),
    "no object": lambda path: path.write_text("[]"),
    "nested": lambda path: path.write_text("[" * 100_000),
    "no text": lambda path: path.write_bytes(b"\xff"),
    "open to others": lambda path: path.chmod(0o604),
    "a link": _link,
    "a pipe": _pipe,
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_cached_answer_is_requested_again(root: Path, spoil: Callable[[Path], object]) -> None:
    Answers(root, READER).keep(REQUEST, {"serviceArns": []})
    answers = Answers(root, READER)
    (path,) = root.rglob("*.json")

    spoil(path)

    assert (answers.find(REQUEST), answers.reused) == (None, 0)


def test_a_cached_answer_that_is_too_large_is_requested_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(root, READER).keep(REQUEST, {"serviceArns": []})

    monkeypatch.setattr("taskrole.live.answer_cache.LARGEST_KEPT", 20)

    assert Answers(root, READER).find(REQUEST) is None


def test_only_the_owner_may_read_the_cache(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {})

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (root, *root.iterdir())}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*.json")} == {0o600}


def test_a_cache_folder_that_others_may_write_to_is_refused(root: Path) -> None:
    root.mkdir(parents=True)
    root.chmod(0o755)

    with pytest.raises(InputError, match=r"is accessible to other users \(mode 755\)"):
        Answers(root, READER)


def test_a_folder_of_another_user_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(root, READER).keep(REQUEST, {})

    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    with pytest.raises(InputError, match="belongs to another user"):
        Answers(root, READER)


def test_a_link_in_place_of_the_cache_folder_is_refused(root: Path, tmp_path: Path) -> None:
    root.parent.mkdir()
    root.symlink_to(tmp_path)

    with pytest.raises(InputError, match="is not a folder"):
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


def test_leftovers_of_killed_and_old_readings_are_removed(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {})
    Answers(root, ("another", *READER[1:])).keep(REQUEST, {})
    (path,) = (file for file in root.rglob("*.json") if "another" in file.read_text())
    half_written = path.with_name(f".{path.name}.taskrole-file-0123abcd")
    half_written.touch()
    two_days_ago = time.time() - 48 * 3_600
    for file in (half_written, path, path.parent):
        os.utime(file, (two_days_ago, two_days_ago))

    answers = Answers(root, READER)

    assert not path.parent.exists()
    assert answers.find(REQUEST) == {}


def test_leftovers_of_a_killed_writer_are_removed(root: Path) -> None:
    Answers(root, READER).keep(REQUEST, {})
    (path,) = root.rglob("*.json")
    left = path.with_name(f".{path.name}.taskrole-private-0123abcd")
    left.touch()
    _aged(1)(left)

    Answers(root, READER)

    assert (path.exists(), left.exists()) == (True, False)


def test_a_file_that_another_reading_is_writing_is_kept(root: Path) -> None:
    running = root / ("0" * 32)
    running.mkdir(parents=True, mode=0o700)
    root.chmod(0o700)
    (running / ".answer-1.json.taskrole-private-0123abcd").touch()
    (root / ("1" * 32)).mkdir()

    Answers(root, READER)

    assert len(list(root.rglob("*"))) == 3


def test_a_folder_that_another_reading_has_just_removed_is_no_error(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Answers(root, ("another",)).keep(REQUEST, {})
    (folder,) = root.iterdir()

    def removed(path: Path, pattern: str) -> list[Path]:
        shutil.rmtree(path)
        raise FileNotFoundError(path)  # as up to Python 3.12

    with monkeypatch.context() as patch:
        patch.setattr(Path, "glob", removed)
        answers = Answers(root, READER)

    assert not folder.exists()
    answers.keep(REQUEST, {"serviceArns": []})
    assert answers.find(REQUEST) == {"serviceArns": []}


def test_no_link_is_followed_to_remove_leftovers(root: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "answer-1.json").touch()
    _aged(48)(theirs / "answer-1.json")
    _aged(48)(theirs)
    root.mkdir(parents=True, mode=0o700)
    link = root / ("0" * 32)
    link.symlink_to(theirs)
    then = time.time() - 48 * 3_600
    os.utime(link, (then, then), follow_symlinks=False)

    Answers(root, READER)

    assert (theirs / "answer-1.json").exists()


def test_a_finished_reading_removes_its_cache(root: Path) -> None:
    answers = Answers(root, READER)
    answers.keep(REQUEST, {})

    answers.forget()

    assert list(root.iterdir()) == []


def test_an_unwritable_default_folder_caches_nothing_and_gives_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answers = Answers(tmp_path / "file/audit", READER)

    answers.keep(REQUEST, {})

    assert "cannot be" in answers.problem
    with pytest.raises(InputError):
        Answers(tmp_path / "file/audit", READER, is_required=True).keep(REQUEST, {})
