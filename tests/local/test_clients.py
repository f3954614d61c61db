"""Tests that the AWS CLI, version 1, and boto3 use the embedded AWS with only the variables of `taskrole local env`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskrole.local.environment import REGION
from taskrole.local.record import FOLDER
from tests.forked_aws import forked_aws

ROOT = Path(__file__).parents[2]
AWS = str(Path(sys.executable).with_name("aws"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    project = tmp_path_factory.mktemp("project")
    with forked_aws(project / FOLDER):
        yield project


def run(project: Path, *command: str, without: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a shell with only the evaluated variables, `without` one of them."""
    script = f'eval "$("{sys.executable}" -m taskrole local env)" && unset {without or "NONE"} && exec "$@"'
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(project), "AWS_PROFILE": "real"}
    return subprocess.run(
        ["sh", "-c", script, "sh", *command], cwd=project, env=own, capture_output=True, text=True, check=False
    )


def test_the_cli_lists_roles(project: Path) -> None:
    done = run(project, AWS, "iam", "list-roles")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"Roles": []}


def test_the_cli_returns_the_caller_identity(project: Path) -> None:
    done = run(project, AWS, "sts", "get-caller-identity")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["Account"] == "123456789012"


def test_the_cli_reads_no_region_from_other_variables(project: Path) -> None:
    done = run(project, AWS, "sts", "get-caller-identity", without="AWS_DEFAULT_REGION")

    assert done.returncode != 0
    assert "You must specify a region" in done.stderr


def test_boto3_lists_roles(project: Path) -> None:
    done = run(project, sys.executable, "-c", "import boto3; print(boto3.client('iam').list_roles()['Roles'])")

    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_boto3_has_the_region_for_a_regional_service(project: Path) -> None:
    done = run(project, sys.executable, "-c", "import boto3; print(boto3.client('ecs').meta.region_name)")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{REGION}\n", "")
