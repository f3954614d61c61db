"""Tests `make demo` without its set-up, in its own folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskrole.local.record import FOLDER
from taskrole.local.server import down, find
from tests.e2e.project import ROOT
from tests.pages import commands_of

SHARED = ("cdktf.json", "main.py", "node_modules", "stacks", "taskrole", "taskrole_cdktf", "tools")


@pytest.fixture
def folder(tmp_path: Path, terraform: str) -> Iterator[Path]:
    if not (ROOT / "node_modules/.bin/cdktf").exists():
        pytest.fail("cdktf-cli is not installed; run: make setup")
    for name in SHARED:
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / ".venv/bin/python").chmod(0o755)
    yield tmp_path
    down(tmp_path / FOLDER)


def start(folder: Path, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tools/demo.py")],
        cwd=folder,
        env={**os.environ, "COLUMNS": "120", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A test that runs in the background inherits an ignored SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- no threads here
    )


@pytest.mark.extra
def test_the_demo_deploys_verifies_and_shows_the_role(folder: Path) -> None:
    demo = start(folder)
    output, _ = demo.communicate(timeout=180)

    assert demo.returncode == 0, output
    assert "Apply complete! Resources: 5 added, 0 changed, 0 destroyed." in output
    assert "everything is as declared" in output
    lines = {line.strip() for line in output.splitlines()}
    for text in (
        "fcjEcsTaskExecutionRole: execution role of stack workshop",
        "arn:aws:iam::123456789012:role/fcjEcsTaskExecutionRole",
        "assumed by ecs-tasks.amazonaws.com",
        "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
        "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess",
        "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
    ):
        assert text in lines
    assert "Apply complete! Resources: 4 added, 0 changed, 0 destroyed." in output, "the service that was derived"
    assert "broadens 1 role" in output
    assert "Write: s3:DeleteObject, s3:PutObject" in output
    assert "<!doctype html>" in (folder / FOLDER / "review.html").read_text("utf-8").lower()
    assert find(folder / FOLDER), "the embedded AWS stays up"


@pytest.mark.extra
def test_a_second_run_of_the_demo_changes_nothing(folder: Path) -> None:
    first = start(folder)
    output, _ = first.communicate(timeout=180)
    assert first.returncode == 0, output

    second = start(folder)
    output, _ = second.communicate(timeout=180)

    assert second.returncode == 0, output
    assert output.count("Apply complete! Resources: 0 added, 0 changed, 0 destroyed.") == 2


@pytest.mark.extra
def test_ctrl_c_releases_the_lock_and_the_next_run_converges(folder: Path) -> None:
    demo = start(folder)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "aws_iam_role.fcjEcsTaskExecutionRole: Creation complete" in line:
            break
    os.killpg(demo.pid, signal.SIGINT)
    output = demo.stdout.read()
    demo.wait(60)
    demo.stdout.close()

    assert demo.returncode == 130
    assert output.splitlines()[-1] == "interrupted; continue with make demo, or stop the embedded AWS with make down"
    assert "Traceback" not in output

    again = start(folder)
    output, _ = again.communicate(timeout=180)
    assert again.returncode == 0, output


def test_the_readme_and_the_makefile_start_this_demo() -> None:
    (command,) = commands_of("README.md", "make demo")

    done = subprocess.run(
        ["make", "--dry-run", *command.command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert any(line.endswith("/python tools/demo.py") for line in done.stdout.splitlines())


def test_without_terraform_the_demo_prints_an_error_in_one_line(folder: Path) -> None:
    demo = start(folder, PATH=str(folder))

    output, _ = demo.communicate(timeout=60)

    assert demo.returncode == 1
    assert output == (
        "terraform is missing; version 1.10 or newer is needed: https://developer.hashicorp.com/terraform/install\n"
    )
