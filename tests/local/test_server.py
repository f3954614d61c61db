"""Tests the embedded AWS: up, status, environment and down, only for the started server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskrole.errors import ToolError
from taskrole.local.environment import STATE_BUCKET, environment, shell_lines
from taskrole.local.process import start_time
from taskrole.local.record import HOST, ServerRecord, read_record, record_path, write_record
from taskrole.local.server import down, find, up
from tests.aws_client import client
from tests.forked import run_taskrole


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("local")
    up(folder)
    yield folder
    down(folder)


def taskrole(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_taskrole(arguments, folder, {**os.environ, **variables})


def test_the_server_has_the_state_bucket_and_aws_managed_policies(folder: Path) -> None:
    record = find(folder)
    assert record is not None

    buckets = client(record, "s3").list_buckets()["Buckets"]
    policy = client(record, "iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/SecretsManagerReadWrite")

    assert [bucket["Name"] for bucket in buckets] == [STATE_BUCKET]
    assert policy["Policy"]["PolicyName"] == "SecretsManagerReadWrite"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Linux tells in /proc who listens where")
def test_the_server_listens_on_loopback_only(folder: Path) -> None:
    record = find(folder)
    assert record is not None

    sockets = [line.split()[1:4:2] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {address for address, state in sockets if state == "0A"}

    ours = {address for address in listening if int(address.split(":")[1], 16) == record.port}
    assert ours == {f"0100007F:{record.port:04X}"}


def test_a_second_up_uses_the_running_server(folder: Path) -> None:
    record, is_new = up(folder)

    assert not is_new
    assert record == read_record(folder)


def test_up_on_another_port_reports_the_running_server(folder: Path) -> None:
    record = find(folder)
    assert record is not None

    with pytest.raises(ToolError, match=rf"already running on port {record.port}; stop it first"):
        up(folder, record.port + 1)


def test_up_on_a_used_port_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(ToolError, match=f"port {port} is taken; choose another with --port"):
            up(tmp_path, port)

    assert read_record(tmp_path) is None


def test_the_variables_of_env_replace_those_of_a_real_account(folder: Path) -> None:
    record = find(folder)
    assert record is not None
    real = {"AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "x; rm -rf /", "AWS_SECRET_ACCESS_KEY": "real", "OTHER": "1"}

    lines = "\n".join(shell_lines(real, record))
    done = subprocess.run(
        ["sh", "-c", f"{lines}\nenv"],
        env={**real, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )

    variables = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith(("AWS_", "OTHER")))
    assert variables == environment(real, record)
    assert "AWS_PROFILE" not in variables
    assert variables["AWS_ENDPOINT_URL"] == record.endpoint


def test_the_command_line_prints_the_address_and_runs_programs_with_it(tmp_path: Path) -> None:
    started = taskrole(tmp_path, "local", "up")
    try:
        assert started.returncode == 0, started.stderr
        record = find(tmp_path / ".taskrole")
        assert record is not None
        assert started.stdout == f"embedded AWS up at {record.endpoint}; state bucket {STATE_BUCKET}\n"
        assert record.endpoint in taskrole(tmp_path, "local", "status").stdout
        assert (
            json.loads(taskrole(tmp_path, "local", "env", "--format", "json").stdout)["AWS_ENDPOINT_URL"]
            == record.endpoint
        )
        ran = taskrole(tmp_path, "local", "run", "sh", "-c", "echo $AWS_ENDPOINT_URL $AWS_PROFILE", AWS_PROFILE="prod")
        assert ran.stdout == f"{record.endpoint}\n"
    finally:
        stopped = taskrole(tmp_path, "local", "down")
    assert stopped.stdout == "embedded AWS stopped\n"
    assert taskrole(tmp_path, "local", "status").returncode == 3
    assert taskrole(tmp_path, "local", "down").stdout == "embedded AWS was not up\n"
    env = taskrole(tmp_path, "local", "env")
    assert (env.returncode, env.stderr) == (1, "the embedded AWS is not up; start it: taskrole local up\n")


def test_a_missing_program_is_an_error_in_one_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / ".taskrole").symlink_to(folder)

    ran = taskrole(tmp_path, "local", "run", "no-such-program")

    assert (ran.returncode, ran.stderr) == (1, "no-such-program: No such file or directory\n")


def test_down_does_not_stop_a_process_with_a_reused_id(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        with socket.create_server((HOST, 0)) as free:
            port = free.getsockname()[1]
        write_record(tmp_path, ServerRecord(port, stranger.pid, "token", start_time(stranger.pid) or ""))

        assert not down(tmp_path)

        time.sleep(0.2)
        assert stranger.poll() is None
        assert read_record(tmp_path) is None
        stranger.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "[" * 4000, "\xff", '{"port": 1}', " " * 5000),
        '{"port": 1, "pid": 2, "token": "x", "start": "1", "more": 1}',
        '{"port": 99999999999999, "pid": 2, "token": "x", "start": "1"}',
        '{"port": true, "pid": 2, "token": "x", "start": "1"}',
        '{"port": 1, "pid": 2, "token": "", "start": "1"}',
        '{"port": 1, "pid": 2, "token": "x", "start": ""}',
        '{"port": 1, "pid": [2], "token": "x", "start": "1"}',
        '{"port": 1, "pid": true, "token": "x", "start": "1"}',
        '{"port": 1, "pid": 2, "token": ["x"], "start": "1"}',
        '{"port": 0, "pid": 2, "token": "x", "start": "1"}',
        '{"port": 65536, "pid": 2, "token": "x", "start": "1"}',
        '{"port": 1, "pid": 2, "token": "x", "start": "1"}' + " " * 5000,
    ],
)
def test_an_unreadable_record_is_ignored(tmp_path: Path, content: str) -> None:
    record_path(tmp_path).write_text(content, "latin-1")
    record_path(tmp_path).chmod(0o600)

    assert read_record(tmp_path) is None
