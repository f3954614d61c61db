"""Tests writing a file: completely or not at all, to the target of its path, with the same mode and owner."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.files import ChangedError, create, keep_private, locks, make_folder, open_log, replace_unchanged, write
from taskrole.files import write_beside as write_file
from tests.cli.running import taskrole

ROOT = Path(__file__).parent.parent.parent
NOBODY = 65_534


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path, mask: int, expected: int) -> None:
    with umask(mask):
        write_file(tmp_path / "f", "text\n")

    assert mode(tmp_path / "f") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("before", [0o600, 0o640, 0o755])
def test_an_existing_file_keeps_its_mode(tmp_path: Path, before: int) -> None:
    (tmp_path / "f").write_text("old\n")
    (tmp_path / "f").chmod(before)

    write_file(tmp_path / "f", "text\n")

    assert (mode(tmp_path / "f"), (tmp_path / "f").read_text()) == (before, "text\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser gives files away")
def test_an_existing_file_keeps_its_owner(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old\n")
    os.chown(tmp_path / "f", NOBODY, NOBODY)

    write_file(tmp_path / "f", "text\n")

    status = (tmp_path / "f").stat()
    assert (status.st_uid, status.st_gid) == (NOBODY, NOBODY)


def test_an_existing_file_keeps_its_extended_attributes(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old\n")
    with suppress(OSError):  # a file system without extended attributes
        os.setxattr(tmp_path / "f", "user.note", b"kept")
    before = os.listxattr(tmp_path / "f")

    write_file(tmp_path / "f", "text\n")

    assert os.listxattr(tmp_path / "f") == before


def test_a_file_that_was_read_through_a_link_is_written_through_it(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"read\n")
    (tmp_path / "link").symlink_to("real")

    replace_unchanged(tmp_path / "link", "new\n", b"read\n")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new\n"


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_kept_and_its_target_written(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "real").mkdir()
    if exists:
        (tmp_path / "real/f").write_text("old\n")
    (tmp_path / "link").symlink_to("real/f")
    (tmp_path / "second").symlink_to("link")

    write_file(tmp_path / "second", "text\n")

    assert (tmp_path / "second").is_symlink()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/f").read_text() == "text\n"
    assert not (tmp_path / "real/f").is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser makes devices")
def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    null = tmp_path / "null"
    os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))

    result = taskrole("schema", "--write", str(null))

    assert (result.code, result.err) == (0, "")
    assert stat.S_ISCHR(null.lstat().st_mode)


def test_a_full_device_is_an_error_in_one_line() -> None:
    result = taskrole("schema", "--write", "/dev/full")

    assert (result.code, result.err) == (1, "/dev/full: cannot be written: No space left on device\n")
    assert stat.S_ISCHR(Path("/dev/full").lstat().st_mode)


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_text()))
    reader.start()

    write_file(tmp_path / "pipe", "x" * 200_000)

    reader.join(10)
    assert received == ["x" * 200_000]
    assert (tmp_path / "pipe").is_fifo()


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    """Return a pipe that is read after some seconds, so that an endless wait fails instead of hanging."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    timer = threading.Timer(5, lambda: os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    timer.start()
    yield path
    timer.cancel()


def test_a_pipe_without_a_reader_is_refused(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "LONGEST_WAIT_FOR_READER", 0.1)

    with pytest.raises(InputError, match="cannot be written: No such device or address"):
        write_file(pipe, "text\n")


def test_a_pipe_cannot_be_read_and_then_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(InputError, match="is not a regular file"):
        replace_unchanged(tmp_path / "pipe", "text\n", b"")

    assert (tmp_path / "pipe").is_fifo()


def test_an_open_file_descriptor_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        subprocess.run(
            [sys.executable, "-m", "taskrole", "schema", "--write", "/dev/stdout"], cwd=ROOT, stdout=out, check=True
        )
        inode = os.fstat(out.fileno()).st_ino

    assert (tmp_path / "out").stat().st_ino == inode
    assert (tmp_path / "out").read_text().startswith("{")


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _loop(path: Path) -> Path:
    path.symlink_to(path.name)
    return path


WRONG: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder": (_folder, "Is a directory"),
    "a long name": (lambda path: path.with_name("x" * 300), "File name too long"),
    "a loop of links": (_loop, "Too many levels of symbolic links"),
    "no such folder": (lambda path: path / "f", "No such file or directory"),
    "a file system of the system": (lambda _: Path("/proc/self/f"), "No such file or directory"),
    "a name with NUL": (lambda path: path.with_name("a\0b"), "embedded null byte"),
}


@pytest.mark.parametrize(("make", "reason"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("function", [write_file, create, lambda path, text: replace_unchanged(path, text, b"")])
def test_an_unwritable_file_is_an_error_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], reason: str, function: Callable[[Path, str], None]
) -> None:
    path = make(tmp_path / "f")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(InputError) as refused:
        function(path, "text\n")

    assert len(str(refused.value).splitlines()) == 1
    assert isinstance(refused.value, ChangedError) or reason in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unpaired_surrogate_is_refused_before_the_file_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the text holds \\ud800, which is half of a surrogate pair"):
        write_file(tmp_path / "f", "a\ud800")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("can_exchange", [True, False])
def test_an_unchanged_file_is_replaced(tmp_path: Path, monkeypatch, can_exchange: bool) -> None:
    _without_exchange(monkeypatch, can_exchange=can_exchange)
    (tmp_path / "f").write_bytes(b"read\n")

    replace_unchanged(tmp_path / "f", "new\n", b"read\n")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "new\n"}


@pytest.mark.parametrize("now", ["saved\n", "rest\n", "read\nand saved\n", "", None])
@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_save_between_reading_and_writing_is_kept(tmp_path: Path, monkeypatch, now: str, can_exchange: bool) -> None:
    _without_exchange(monkeypatch, can_exchange=can_exchange)
    if now is not None:
        (tmp_path / "f").write_text(now)

    with pytest.raises(ChangedError) as refused:
        replace_unchanged(tmp_path / "f", "new\n", b"read\n")

    assert str(refused.value) == f"{tmp_path}/f: was changed meanwhile by another program; run the command again"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == ({} if now is None else {"f": now})


def _without_exchange(monkeypatch: pytest.MonkeyPatch, *, can_exchange: bool) -> None:
    if not can_exchange:
        monkeypatch.setattr(write, "exchange", lambda *_: False)


@pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
def test_a_new_file_never_overwrites_another(tmp_path: Path, kind: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if kind == "link":
        elsewhere.write_text("theirs\n")
    if kind == "file":
        (tmp_path / "f").write_text("theirs\n")
    else:
        (tmp_path / "f").symlink_to(elsewhere)

    with pytest.raises(ChangedError):
        create(tmp_path / "f", "new\n")

    assert [path.read_text() for path in tmp_path.iterdir() if path.exists()] in ([], ["theirs\n"], ["theirs\n"] * 2)
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_temporary_files_of_a_killed_writer_are_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".f.taskrole-file-0123abcd").write_text("half")
    (tmp_path / ".g.taskrole-file-0123abcd").write_text("half of another's")
    (tmp_path / ".g.taskrole-file").write_text("a user's")

    write_file(tmp_path / "f", "text\n")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".g.taskrole-file", "f"]


HOLD = """\
import sys, time
from pathlib import Path
from taskrole.files.locks import locked
with locked(Path(sys.argv[1]), Path("f")):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextmanager
def held(folder: Path, seconds: float) -> Iterator[int]:
    command = [sys.executable, "-c", HOLD, str(folder), str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_second_writer_is_refused_with_the_name_of_the_first(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(locks, "LONGEST_WAIT", 0.2)

    with held(tmp_path, 30) as holder, pytest.raises(InputError) as refused:
        write_file(tmp_path / "f", "text\n")

    assert str(refused.value) == (
        f"{tmp_path}/f: process {holder} is writing in {tmp_path}; run the command again when it has ended"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    with held(tmp_path, 0.3):
        write_file(tmp_path / "f", "text\n")

    assert (tmp_path / "f").read_text() == "text\n"


def test_a_killed_writer_holds_no_lock(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(locks, "LONGEST_WAIT", 0.2)
    with held(tmp_path, 30):
        pass

    write_file(tmp_path / "f", "text\n")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike that of pytest."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of another user")
def test_a_file_of_another_user_is_not_taken_over(open_folder: Path) -> None:
    (open_folder / "f").write_text("theirs\n")
    open_folder.chmod(0o777)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(InputError, match="cannot be written: Operation not permitted"):
            write_file(open_folder / "f", "mine\n")
    finally:
        os.seteuid(0)

    assert {path.name: path.read_text() for path in open_folder.iterdir()} == {"f": "theirs\n"}


def test_a_private_file_is_accessible_only_to_its_owner(tmp_path: Path) -> None:
    with umask(0):
        make_folder(tmp_path / "a/b", private=True)
        keep_private(tmp_path / "a/b/f", "secret\n")
        open_log(tmp_path / "log").close()

    assert [mode(tmp_path / name) for name in ("a/b", "a/b/f", "log")] == [0o700, 0o600, 0o600]


def test_a_private_file_that_cannot_be_renamed_is_removed(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()

    with pytest.raises(InputError, match="cannot be written: Is a directory"):
        keep_private(tmp_path / "f", "secret\n")

    assert list(tmp_path.rglob("*")) == [tmp_path / "f"]


def test_a_log_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("elsewhere")

    with pytest.raises(InputError, match="Too many levels of symbolic links"):
        open_log(tmp_path / "log")

    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_in_place_of_a_log_does_not_block(pipe: Path) -> None:
    with pytest.raises(InputError, match="cannot be written: No such device or address"):
        open_log(pipe)


def test_on_a_system_without_file_locks_files_are_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows

    write_file(tmp_path / "f", "text\n")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "text\n"}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a folder of another user")
def test_a_folder_that_can_be_written_but_not_listed_is_written(open_folder: Path) -> None:
    open_folder.chmod(0o733)
    os.seteuid(NOBODY)
    try:
        write_file(open_folder / "f", "text\n")
    finally:
        os.seteuid(0)

    assert (open_folder / "f").read_text() == "text\n"
