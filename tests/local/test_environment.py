"""Tests the variables of the embedded AWS in the syntax of each shell."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from taskrole.local.environment import REGION, Shell, shell_lines, variables
from taskrole.local.record import ServerRecord

RECORD = ServerRecord(port=4566, pid=1, token="t")
REAL = {"AWS_PROFILE": "real", "AWS_SESSION_TOKEN": "it's", "PATH": os.environ["PATH"]}


def lines(shell: Shell) -> list[str]:
    return list(shell_lines(REAL, RECORD, shell))


def test_boto3_reads_the_region_and_no_settings_of_a_real_account() -> None:
    program = (
        "import boto3; s = boto3.session.Session(); c = s.client('iam');"
        "print(s.region_name, s.profile_name, s.client('ecs').meta.endpoint_url, s.get_credentials().token)"
    )
    script = "\n".join([*lines("sh"), f'exec "{sys.executable}" -c "{program}"'])

    done = subprocess.run(["sh", "-c", script], env=REAL, capture_output=True, text=True, check=True)

    assert done.stdout.split() == [REGION, "default", RECORD.endpoint, "None"]


def test_each_shell_gets_its_own_syntax() -> None:
    assert lines("fish")[:2] == ["set -e AWS_PROFILE", "set -e AWS_SESSION_TOKEN"]
    assert f"set -gx AWS_DEFAULT_REGION '{REGION}'" in lines("fish")
    assert lines("powershell")[0] == "Remove-Item Env:AWS_PROFILE -ErrorAction Ignore"
    assert f"$env:AWS_DEFAULT_REGION = '{REGION}'" in lines("powershell")
    assert f"AWS_DEFAULT_REGION={REGION}" in lines("dotenv")


@pytest.mark.parametrize("shell", ["sh", "fish", "powershell", "dotenv"])
def test_every_shell_gets_every_variable(shell: Shell) -> None:
    text = "\n".join(lines(shell))

    assert [name for name, value in variables(RECORD).items() if name not in text or value not in text] == []


@pytest.mark.parametrize("shell", ["sh", "fish", "powershell", "dotenv"])
def test_a_malformed_name_never_becomes_a_command(shell: Shell) -> None:
    assert not any("touch" in line for line in shell_lines({"AWS_X; touch y": "1"}, RECORD, shell))
