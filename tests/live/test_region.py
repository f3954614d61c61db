"""Tests the region of commands that read an account: the option, else one of two environment variables."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskrole.local.environment import environment
from taskrole.role import trust_policy
from tests.forked import run_taskrole
from tests.live.test_adopt import CONTEXT

ACCOUNT = "123456789012"
NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")
ROLES = """\
version: 1
stacks:
  s:
    region: eu-west-1
    roles:
      web: {kind: execution, trust: off, managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]}
"""
WEB = {
    "family": "web",
    "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/web",
    "containerDefinitions": [{"name": "web", "image": f"{ACCOUNT}.dkr.ecr.eu-west-3.amazonaws.com/web:1"}],
}

# The arguments, and the region in the output.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "adopt": (("--config", "new.yaml", "adopt", "web", "--dry-run"), "region: eu-west-3"),
    "audit": (("audit", "--format", "json"), '"region": "eu-west-3"'),
    "check, the roles named in it": (("check", "web.json", "--live", "--format", "json"), '"region": "eu-west-3"'),
    "check, a role by name": (("check", "web.json", "--role", "live:web", "--format", "json"), '"region": "eu-west-3"'),
    "verify": (("verify",), "everything is as declared"),
    "show": (("show", "--live"), f"arn:aws:iam::{ACCOUNT}:role/web"),
}
ASKING = [name for name in COMMANDS if name not in ("verify", "show")]

Taskrole = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def _role(client: Callable[[str], Any]) -> None:
    iam = client("iam")
    trust = trust_policy("off", CONTEXT)
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(
        RoleName="web", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    )


@pytest.fixture
def taskrole(aws: Any, _role: None, tmp_path: Path) -> Taskrole:
    """Run taskrole against the embedded AWS, with no region but that of the variables."""
    (tmp_path / "roles.yaml").write_text(ROLES)
    (tmp_path / "web.json").write_text(json.dumps(WEB))

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        plain = {name: value for name, value in environment(os.environ, aws).items() if name not in NAMES}
        done = run_taskrole(arguments, tmp_path, {**plain, **variables})
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


@pytest.mark.parametrize("variable", NAMES)
@pytest.mark.parametrize(("arguments", "text"), COMMANDS.values(), ids=COMMANDS)
def test_either_variable_alone_is_enough(
    taskrole: Taskrole, arguments: tuple[str, ...], text: str, variable: str
) -> None:
    done = taskrole(*arguments, **{variable: "eu-west-3"})

    assert done.returncode in (0, 3), done.stderr
    assert text in done.stdout


@pytest.mark.parametrize("command", ASKING)
def test_aws_region_overrides_aws_default_region_and_the_option_overrides_both(
    taskrole: Taskrole, command: str
) -> None:
    arguments, text = COMMANDS[command]
    variables = {"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-2"}

    assert text in taskrole(*arguments, **variables).stdout
    assert text.replace("eu-west-3", "eu-north-1") in taskrole(*arguments, "--region", "eu-north-1", **variables).stdout


@pytest.mark.parametrize("command", ASKING)
def test_without_a_region_both_variables_are_named(taskrole: Taskrole, command: str) -> None:
    done = taskrole(*COMMANDS[command][0])

    what = " for a new stack" if command == "adopt" else ""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"region: is required{what}; set --region, AWS_REGION or AWS_DEFAULT_REGION\n"


@pytest.mark.parametrize("command", ["verify", "show"])
def test_a_stack_gives_its_region(taskrole: Taskrole, command: str) -> None:
    arguments, text = COMMANDS[command]

    done = taskrole(*arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert text in done.stdout


def test_the_region_of_a_task_definition_overrides_the_environment(taskrole: Taskrole, tmp_path: Path) -> None:
    arn = f"arn:aws:ecs:eu-west-3:{ACCOUNT}:task-definition/web:1"
    (tmp_path / "web.json").write_text(json.dumps({**WEB, "taskDefinitionArn": arn}))
    arguments, text = COMMANDS["check, the roles named in it"]

    assert text in taskrole(*arguments, AWS_REGION="us-east-1").stdout


def test_a_command_that_reads_no_account_ignores_the_environment(taskrole: Taskrole) -> None:
    done = taskrole("check", "web.json", "--role", "AmazonS3ReadOnlyAccess", AWS_REGION="eu-west-3")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("context: region: is not known; set --region")
