"""Tests that the searched files are those that Git lists, with .gitignore files of many kinds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.init.gitignore import walk_files

FILES = (
    *("a.json", "b.log", "keep.log", "build/a.json", "sub/build/a.json", "sub/a.json", "sub/deep/a.json"),
    *("sub/deep/x.log", "#x.json", "a b.json", "out.json", "sub/out.json", ".aws/task.json", "é.json", "[x].json"),
)
RULES = {
    "nothing": {},
    "folders and endings": {"": "build/\n*.log\n!keep.log\n"},
    "anchored": {"": "/out.json\nsub/deep/\n"},
    "stars": {"": "**/deep/*.json\n[a-b].json\n?.log\n"},
    "nested": {"": "*.json\n", "sub": "!a.json\nbuild\n", "sub/deep": "*\n!x.log\n"},
    "an excluded folder stays excluded": {"": "sub/\n!sub/a.json\n"},
    "escapes and comments": {"": "# a comment\n\\#x.json\na\\ b.json\n\\[x].json\r\n\n  \n"},
    "no patterns": {"": "!\n[\n/\n*.log\n"},
    "everything but": {"": "/*\n!/sub\n/sub/*\n!/sub/a.json\n"},
}


def project(folder: Path, rules: dict[str, str]) -> None:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    for place, text in rules.items():
        (folder / place / ".gitignore").write_text(text, newline="")


def listed_by_git(folder: Path) -> set[str]:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "HOME": str(folder)}
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True, env=environment)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
        cwd=folder, check=True, capture_output=True, env=environment,
    )  # fmt: skip
    return {name for name in listed.stdout.decode().split("\0") if name}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_the_files_are_those_that_git_lists(tmp_path: Path, monkeypatch, rules: dict[str, str]) -> None:
    project(tmp_path, rules)
    expected = listed_by_git(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert {path.as_posix() for path in walk_files(Path())} == expected


def test_the_rules_of_parent_folders_apply_in_a_named_folder(tmp_path: Path, monkeypatch) -> None:
    project(tmp_path, {"": "*.log\n/sub/out.json\n"})
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    walked = {path.as_posix() for path in walk_files(Path("sub"))}

    assert walked == {"sub/a.json", "sub/build/a.json", "sub/deep/a.json"}


def test_links_to_folders_and_folders_of_tools_are_skipped(tmp_path: Path) -> None:
    for name in (".git", "node_modules", ".terraform", "cdktf.out"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)

    assert list(walk_files(tmp_path)) == []


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch) -> None:
    project(tmp_path, {})
    monkeypatch.setattr("taskrole.init.gitignore.MOST_ENTRIES", 5)

    with pytest.raises(InputError, match="must not contain more than 5 files and folders"):
        list(walk_files(tmp_path))
