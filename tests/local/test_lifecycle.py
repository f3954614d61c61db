"""Tests concurrent starts, early kills and unwritable folders: at most one server, which is never lost."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from taskrole.errors import TaskroleError, ToolError
from taskrole.local.environment import CREDENTIALS, REGION, STATE_BUCKET
from taskrole.local.process import start_time
from taskrole.local.record import lock_path, log_path, read_record, record_path
from taskrole.local.server import down, find, up

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Linux lists its processes in /proc")


def up_beside(folder: Path) -> subprocess.Popen[str]:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from taskrole.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "local", "up"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def servers(folder: Path) -> list[int]:
    """Return the server processes of a folder, as Linux lists them."""
    name = os.fsencode(folder)
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if name in _content(path)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_concurrent_starts_use_the_same_server(tmp_path: Path) -> None:
    folder = tmp_path / ".taskrole"
    starting = [up_beside(tmp_path) for _ in range(3)]
    try:
        ended = [process.communicate(timeout=120) for process in starting]

        record = find(folder)
        assert record is not None
        first = f"embedded AWS up at {record.endpoint}; state bucket {STATE_BUCKET}\n"
        assert sorted(ended) == sorted([(first.replace("AWS up at", "AWS up already at"), "")] * 2 + [(first, "")])
        assert servers(folder) == [record.pid]
    finally:
        assert down(folder)
    assert servers(folder) == []


def test_a_killed_up_leaves_a_server_that_the_next_up_uses(tmp_path: Path) -> None:
    folder = tmp_path / ".taskrole"
    process = up_beside(tmp_path)
    wait_until(lambda: servers(folder))
    process.send_signal(signal.SIGKILL)
    process.communicate()

    record, is_new = up(folder)
    try:
        s3 = boto3.client("s3", endpoint_url=record.endpoint, region_name=REGION, **CREDENTIALS)
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [STATE_BUCKET]
        assert s3.get_bucket_versioning(Bucket=STATE_BUCKET)["Status"] == "Enabled"
        assert not is_new
        assert servers(folder) == [record.pid]
    finally:
        assert down(folder)


def test_a_killed_server_is_replaced_by_a_private_server(tmp_path: Path) -> None:
    killed, _ = up(tmp_path)
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: start_time(killed.pid) is None)
    assert read_record(tmp_path) == killed
    assert find(tmp_path) is None

    record, is_new = up(tmp_path)
    try:
        assert is_new
        assert record.token != killed.token
        modes = [stat.S_IMODE(path(tmp_path).stat().st_mode) for path in (record_path, log_path, lock_path)]
        assert modes == [0o600] * 3
        assert record.token.encode() not in _content(Path(f"/proc/{record.pid}/cmdline"))
    finally:
        assert down(tmp_path)
    assert read_record(tmp_path) is None


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with modules that shadow others, in which a server was started."""
    project = tmp_path_factory.mktemp("project")
    for name in ("flask", "json", "moto"):
        (project / f"{name}.py").write_text("open('was-imported', 'w')")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        up(Path(".taskrole"))
    return project


def test_modules_of_the_working_folder_are_not_imported(project: Path) -> None:
    up(project / ".taskrole")

    assert not (project / "was-imported").exists()


def test_a_server_ends_if_its_folder_is_removed(project: Path) -> None:
    folder = project / ".taskrole"
    record, _ = up(folder)

    for path in (record_path, log_path, lock_path):
        path(folder).unlink()
    folder.rmdir()

    wait_until(lambda: start_time(record.pid) is None)


def _as_file(folder: Path) -> None:
    folder.write_text("")


def _with_folder_as(path: Callable[[Path], Path]) -> Callable[[Path], None]:
    return lambda folder: path(folder).mkdir(parents=True)


def _with_link_as(path: Callable[[Path], Path]) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        folder.mkdir()
        path(folder).symlink_to(folder.parent / "victim")

    return prepare


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (_as_file, ".taskrole: cannot be written: File exists"),
        (_with_folder_as(record_path), "local.json: cannot be removed: Is a directory"),
        (_with_folder_as(log_path), "local.log: cannot be written: Is a directory"),
        (_with_folder_as(lock_path), "local.lock: cannot be written: Is a directory"),
        (_with_link_as(log_path), "local.log: cannot be written: Too many levels of symbolic links"),
        (_with_link_as(lock_path), "local.lock: cannot be written: Too many levels of symbolic links"),
    ],
    ids=["folder is a file", "record", "log", "lock", "linked log", "linked lock"],
)
def test_an_unusable_folder_is_an_error_in_one_line(
    tmp_path: Path, prepare: Callable[[Path], None], message: str
) -> None:
    (tmp_path / "victim").write_text("kept")
    prepare(tmp_path / ".taskrole")

    done = up_beside(tmp_path)
    out, err = done.communicate(timeout=120)

    assert (done.returncode, out, err) == (1, "", f".taskrole/{message}\n".replace(".taskrole/.taskrole", ".taskrole"))
    assert (tmp_path / "victim").read_text() == "kept"


def test_a_read_only_folder_is_an_error_in_one_line() -> None:
    """/proc is read-only even for root."""
    with pytest.raises(TaskroleError, match=r"^/proc/taskrole: cannot be written: [^\n]+$"):
        up(Path("/proc/taskrole"))

    assert not down(Path("/proc/taskrole"))


@pytest.mark.parametrize("port", [-1, 65536, 10**30])
def test_an_invalid_port_is_an_error_in_one_line(tmp_path: Path, port: int) -> None:
    with pytest.raises(ToolError, match=f"a port is a number from 0 to 65535; got {port}"):
        up(tmp_path, port)
