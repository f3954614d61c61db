"""Tests interruptions of Terraform: a concurrent deployment, and an end half-way."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import signal
import subprocess
import threading

import pytest

from taskrole.local.record import ServerRecord
from tests.aws_client import client
from tests.e2e.project import Project
from tests.live.proxy import proxy_to
from tests.pages import commands_of

POLICIES = [
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
    "AmazonS3ReadOnlyAccess",
    "AmazonSSMReadOnlyAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonVPCReadOnlyAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonDynamoDBReadOnlyAccess",
]
LOCAL = "{type: local}"
S3 = "{type: s3, bucket: taskrole-state, use_path_style: true, key: KEY}"


def roles_yaml(backend: str, role: str) -> str:
    policies = "".join(f"\n              - {name}" for name in POLICIES)
    return f"""\
        version: 1
        backend: {backend.replace("KEY", role)}
        stacks:
          s:
            region: ap-southeast-1
            roles:
              {role}:
                kind: execution
                trust: off
                managed_policies:{policies.replace(chr(10), chr(10) + "    ")}
        """


def initialised(project: Project) -> Project:
    """Return a project for interruptions: its Terraform installs, starts and stops its own provider."""
    own = project.with_own_provider()
    own.run_main()
    own.terraform("init", "-no-color")
    return own


def start_apply(project: Project, *flags: str, **variables: str) -> subprocess.Popen[str]:
    command = [project.terraform_program, f"-chdir={project.stack_folder}", "apply", "-no-color", *flags]
    return subprocess.Popen(
        command,
        cwd=project.folder,
        env={**project.variables, "TF_INPUT": "1", **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Return the output of a program up to a text, which may be in an unfinished line."""
    assert process.stdout is not None
    output = ""
    while text not in output:
        character = process.stdout.read(1)
        assert character, f"ended without saying {text!r}:\n{output}"
        output += character
    return output


def test_the_second_of_two_deploys_at_once_gets_the_lock_error_and_nothing_is_lost(
    project: Project, embedded_aws
) -> None:
    project.write(roles_yaml(S3, "two-at-once"))
    project.synth()
    project.terraform("init", "-no-color")
    first = start_apply(project)
    read_until(first, "Enter a value:")

    second = project.terraform("apply", "-no-color", "-auto-approve", "-lock-timeout=0s", ok=(1,))
    output, _ = first.communicate("yes\n", timeout=120)

    assert "Error acquiring the state lock" in second.stderr
    assert first.returncode == 0, output
    assert f"Resources: {len(POLICIES) + 1} added" in output
    assert not project.has_changes()
    kept = client(embedded_aws, "s3").list_objects_v2(Bucket="taskrole-state", Prefix="two-at-once")["Contents"]
    assert [entry["Key"] for entry in kept] == ["two-at-once"], "the lock is given back"


@pytest.mark.parametrize(
    ("backend", "role"),
    [
        pytest.param(LOCAL, "ended-local", id="local"),
        pytest.param(S3, "ended-s3", id="s3"),
    ],
)
@pytest.mark.extra
def test_an_apply_that_is_terminated_half_way_converges_when_run_again(
    project: Project, embedded_aws, backend, role
) -> None:
    _end_half_way(project, embedded_aws, backend, role, signal.SIGTERM)

    project.terraform("apply", "-no-color", "-auto-approve")

    _assert_as_declared(project)


def test_after_a_kill_without_warning_a_local_state_converges_when_run_again(project: Project, embedded_aws) -> None:
    # Terraform writes a local state after each resource.
    _end_half_way(project, embedded_aws, LOCAL, "killed-local", signal.SIGKILL)

    project.terraform("apply", "-no-color", "-auto-approve")

    _assert_as_declared(project)


@pytest.mark.extra
def test_after_a_kill_without_warning_a_state_in_s3_is_unlocked_and_the_role_imported(
    project: Project, embedded_aws
) -> None:
    # To S3, Terraform writes every twenty seconds, so not yet.
    into, unlock, bring, apply = (
        shlex.split(shown_command.command) for shown_command in commands_of("state.md", "cd ", "terraform ")
    )
    assert into == ["cd", "cdktf.out/stacks/workshop"]
    _end_half_way(project, embedded_aws, S3, "killed-s3", signal.SIGKILL)
    locked = project.terraform("apply", "-no-color", "-auto-approve", "-lock-timeout=0s", ok=(1,))
    assert "Error acquiring the state lock" in locked.stderr
    lock_id = re.search(r"ID: +(\S+)", locked.stderr)
    assert lock_id is not None

    project.terraform(unlock[1], "-force", *(lock_id[1] if word == "ID" else word for word in unlock[2:]))
    refused = project.terraform("apply", "-no-color", "-auto-approve", ok=(1,))
    names = [word.replace("fcjEcsTaskExecutionRole", "killed-s3") for word in bring[2:]]
    project.terraform(bring[1], "-no-color", *names)
    project.terraform(*apply[1:], "-no-color", "-auto-approve")

    assert "EntityAlreadyExists" in refused.stderr
    _assert_as_declared(project)


def _end_half_way(
    project: Project, embedded_aws: ServerRecord, backend: str, role: str, number: signal.Signals
) -> None:
    """Send a signal to an apply during its third attachment, which AWS answers only afterwards."""
    project.write(roles_yaml(backend, role))
    own = initialised(project)
    attachments = itertools.count(1)
    under_way, go_on = threading.Event(), threading.Event()

    def hold_the_third(_: int, operation: str) -> None:
        if operation == "AttachRolePolicy" and next(attachments) == 3:
            under_way.set()
            go_on.wait(60)

    with proxy_to(embedded_aws) as proxy:
        proxy.spoil = hold_the_third
        through = {"AWS_ENDPOINT_URL_IAM": proxy.variables["AWS_ENDPOINT_URL"]}
        half = start_apply(own, "-auto-approve", "-parallelism=1", **through)
        assert under_way.wait(60), "it never came half-way"
        half.send_signal(number)
        if number == signal.SIGTERM:
            read_until(half, "Gracefully shutting down")
        go_on.set()
        half.communicate(timeout=60)
    iam = client(embedded_aws, "iam")
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert 2 <= len(attached) <= 3, "it was not half-way"


def _assert_as_declared(project: Project) -> None:
    assert not project.has_changes()
    report = json.loads(project.taskrole("verify", "--format", "json").stdout)
    assert {item["status"] for item in report["stacks"][0]["roles"][0]["items"]} == {"OK"}
