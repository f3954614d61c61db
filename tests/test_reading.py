"""Tests reading untrusted input files: their target, type and size."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskrole import file_patterns, reading
from taskrole.errors import InputError
from taskrole.file_patterns import matching_files
from taskrole.reading import RealPaths, read_declared, read_found, read_named, read_standard_input
from tests.large_file import write_gigabyte


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project as working folder, beside a file outside it."""
    folder = tmp_path / "project"
    (folder / "inner").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "inner/file").write_text("text")
    (tmp_path / "secret").write_text("hunter2")
    monkeypatch.chdir(folder)
    return folder


def _link(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (os.mkfifo, "cannot be read: it is a pipe"),
    "a folder": (Path.mkdir, "cannot be read: Is a directory"),
    "a link out": (_link("../secret"), "is outside the project after resolving links, and is not read"),
    "a link to a process": (_link("/proc/self/environ"), "is outside the project after resolving links"),
    "a link to a device": (_link("/dev/zero"), "is outside the project after resolving links"),
    "a broken link": (_link("gone"), "cannot be read: No such file or directory"),
    "a loop": (_link("hostile"), "cannot be read: Too many levels of symbolic links"),
    "a large file": (write_gigabyte, "must be at most 5 MiB; split it into several files"),
    "nothing": (lambda path: None, "cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_found_path_that_is_not_a_file_of_the_project_is_refused_at_once(project: Path, kind: str) -> None:
    make, message = UNREADABLE[kind]
    make(project / "hostile")

    with pytest.raises(InputError) as refused:
        read_found("hostile", project)

    assert str(refused.value).startswith(f"hostile: {message}")


class Endless(io.RawIOBase):
    """An endless stream that counts the read bytes."""

    read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.read += len(buffer)
        assert self.read < 1 << 24, "all of it is read"
        return len(buffer)


def test_an_endless_stream_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "standard_input", lambda: io.BufferedReader(Endless()))

    with pytest.raises(InputError, match="must be at most 5 MiB; split"):
        read_standard_input()


def _pipe_for(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _link_for(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("../secret" if path.name == "file" else "..", target_is_directory=True)


@pytest.mark.parametrize(
    ("name", "swap", "at"),
    [
        ("file", _pipe_for, "file"),
        ("file", _link_for, "file"),
        ("inner/secret", _link_for, "inner"),
    ],
)
def test_a_file_that_is_replaced_while_it_is_opened_is_refused_at_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, swap: Callable[[Path], None], at: str
) -> None:
    for path in (project / "file", project / "inner/secret"):
        path.write_text("text")
    open_ = os.open

    def swapped_before(path: str | Path, flags: int, *arguments: Any, **named: Any) -> int:
        if path == at:
            swap(project / at)
        return open_(path, flags, *arguments, **named)

    monkeypatch.setattr(os, "open", swapped_before)
    monkeypatch.setattr(os, "supports_dir_fd", {*os.supports_dir_fd, swapped_before})
    with pytest.raises(InputError, match="cannot be read: "):
        read_found(name, project)


def test_a_path_that_is_not_a_regular_file_is_not_opened(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a device can have effects, such as rewinding a tape."""
    os.mkfifo(project / "hostile")
    opened = []
    open_ = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest, **named: opened.append(path) or open_(path, *rest, **named))

    with pytest.raises(InputError, match="cannot be read: it is a pipe"):
        read_found("hostile", project)

    assert "hostile" not in {os.path.basename(path) for path in opened}  # noqa: PTH119


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "inner/file/below", "\ud800"])
def test_an_impossible_name_is_an_error_in_one_line(project: Path, name: str) -> None:
    for read in (read_found, read_named, lambda path: read_declared(Path(path))):
        with pytest.raises(InputError) as refused:
            read(name)

        assert len(str(refused.value).splitlines()) == 1
        assert "cannot be read: " in str(refused.value)


def test_a_link_within_the_project_is_followed(project: Path) -> None:
    (project / "link").symlink_to("inner")

    assert read_found("link/file") == read_declared(Path("link/file")) == b"text"


def test_a_folder_that_is_a_link_out_of_the_project_is_not_entered(project: Path) -> None:
    (project / "out").symlink_to("..")

    with pytest.raises(InputError, match="outside the project"):
        read_found("out/secret")


def test_a_named_outside_folder_is_read_without_its_links(project: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_text("text")
    (tmp_path / "other/link").symlink_to("../secret")

    assert read_found("../other/file", "../other") == b"text"
    with pytest.raises(InputError, match="outside the project"):
        read_found("../other/link", "../other")


def test_a_declared_file_that_links_out_of_the_project_is_refused_and_its_target_can_be_named(project: Path) -> None:
    (project / "roles.yaml").symlink_to("../secret")

    with pytest.raises(InputError, match="is a symbolic link to a file outside the project; give the target itself"):
        read_declared(Path("roles.yaml"))
    assert read_declared(Path("../secret")) == read_named("roles.yaml") == b"hunter2"


def test_a_pattern_that_would_search_too_much_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_patterns, "MOST_ENTRIES", 3)
    for name in "abc":
        (project / f"inner/{name}.json").touch()

    with pytest.raises(InputError, match=r"must not search more than 3 files and folders; use a folder closer"):
        matching_files("inner/*.json")
    assert matching_files("inner/a.json") == ["inner/a.json"]


def test_repeated_recursive_wildcards_are_searched_as_a_single_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_patterns, "MOST_ENTRIES", 100)
    deep = project / "a/b/c/d/e/f"
    deep.mkdir(parents=True)
    (deep / "web.json").touch()

    assert matching_files(f"{'**/' * 10}*.json") == ["a/b/c/d/e/f/web.json"]


def test_a_pattern_searches_loops_of_links_once(project: Path) -> None:
    for name in "abcd":
        (project / name).symlink_to(".")
    (project / "inner/web.json").touch()
    (project / "inner/.hidden.json").touch()

    assert matching_files("**/*.json") == ["inner/web.json"]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*.json", ["a.json"]),
        ("**/*.json", ["a.json", "inner/b.json", "inner/deep/c.json"]),
        ("inner/**", ["inner/b.json", "inner/deep/c.json", "inner/file"]),
        ("inner/**/**/c.json", ["inner/deep/c.json"]),
        ("in*/?.json", ["inner/b.json"]),
        ("inner/[bc].json", ["inner/b.json"]),
        ("inner/.*", ["inner/.d.json"]),
        ("none/*.json", []),
    ],
)
def test_a_pattern_matches_as_in_a_shell(project: Path, pattern: str, matches: list[str]) -> None:
    (project / "inner/deep").mkdir()
    for name in ("a.json", "inner/b.json", "inner/deep/c.json", "inner/.d.json"):
        (project / name).touch()

    assert matching_files(pattern) == matches
    assert matching_files(str(project / pattern)) == [str(project / path) for path in matches]


def test_a_link_in_the_place_of_a_file_that_was_found_is_not_followed(project: Path) -> None:
    real = RealPaths(str(project / "file"), str(project))
    (project / "file").write_text("text")
    assert read_found("file", project, real=real) == b"text"

    (project / "file").unlink()
    (project / "file").symlink_to("../secret")

    with pytest.raises(InputError, match="cannot be read: "):
        read_found("file", project, real=real)
