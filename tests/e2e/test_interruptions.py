"""What goes wrong while Terraform works: another deploy at the same time, and an end half-way."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from tests.e2e.project import Project, client

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


def start_apply(project: Project, *flags: str) -> subprocess.Popen[str]:
    command = [project.terraform_program, f"-chdir={project.stack_folder}", "apply", "-no-color", *flags]
    return subprocess.Popen(
        command,
        cwd=project.folder,
        env={**project.variables, "TF_INPUT": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Return what a program says up to a text, which may stand in an unfinished line."""
    assert process.stdout is not None
    said = ""
    while text not in said:
        character = process.stdout.read(1)
        assert character, f"ended without saying {text!r}:\n{said}"
        said += character
    return said


def test_the_second_of_two_deploys_at_once_gets_the_lock_error_and_nothing_is_lost(
    project: Project, embedded_aws
) -> None:
    project.write(roles_yaml(S3, "two-at-once"))
    project.synth()
    project.terraform("init", "-no-color")
    first = start_apply(project)
    read_until(first, "Enter a value:")

    second = project.terraform("apply", "-no-color", "-auto-approve", "-lock-timeout=0s", ok=(1,))
    said, _ = first.communicate("yes\n", timeout=120)

    assert "Error acquiring the state lock" in second.stderr
    assert first.returncode == 0, said
    assert f"Resources: {len(POLICIES) + 1} added" in said
    assert not project.has_changes()
    kept = client(embedded_aws, "s3").list_objects_v2(Bucket="taskrole-state", Prefix="two-at-once")["Contents"]
    assert [entry["Key"] for entry in kept] == ["two-at-once"], "the lock is given back"
    project.terraform("destroy", "-no-color", "-auto-approve")


@pytest.mark.parametrize(("backend", "role"), [(LOCAL, "ended-local"), (S3, "ended-s3")], ids=["local", "s3"])
def test_an_apply_that_is_told_to_end_half_way_converges_when_run_again(project: Project, iam, backend, role) -> None:
    _end_half_way(project, iam, backend, role, signal.SIGTERM)

    project.terraform("apply", "-no-color", "-auto-approve")

    _assert_as_declared(project)


def test_after_a_kill_without_warning_the_role_is_imported_and_the_rest_converges(project: Project, iam) -> None:
    # Terraform had no time to write down what it made: docs/state.md gives these two commands.
    _end_half_way(project, iam, LOCAL, "killed", signal.SIGKILL)

    project.terraform("import", "-no-color", "aws_iam_role.killed", "killed")
    project.terraform("apply", "-no-color", "-auto-approve")

    _assert_as_declared(project)


def _end_half_way(project: Project, iam, backend: str, role: str, number: signal.Signals) -> None:
    project.write(roles_yaml(backend, role))
    project.synth()
    project.terraform("init", "-no-color")
    half = start_apply(project, "-auto-approve", "-parallelism=1")
    read_until(half, f"aws_iam_role_policy_attachment.{role}_AmazonEC2ContainerRegistryReadOnly: Creation complete")
    half.send_signal(number)
    half.communicate(timeout=60)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert 1 <= len(attached) < len(POLICIES), "it was not half-way"


def _assert_as_declared(project: Project) -> None:
    assert not project.has_changes()
    found = json.loads(project.taskrole("verify", "--format", "json").stdout)
    assert {item["status"] for item in found["stacks"][0]["roles"][0]["items"]} == {"OK"}
    project.terraform("destroy", "-no-color", "-auto-approve")
