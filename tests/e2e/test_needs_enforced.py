"""Tests that every command that reads an account works with exactly the policy of --print-policy, enforced."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taskrole.live.needs import NEEDS, policy_for
from tests.e2e.console import TRUST, click_role, put_policy
from tests.e2e.enforcing import ACCOUNT, REGION, EnforcingAws, enforcing_aws
from tests.forked import run_taskrole

TASK = {"containerDefinitions": [{"name": "web", "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1"}]}
ROLES = f"""\
version: 1
stacks:
  s:
    region: {REGION}
    account: "{ACCOUNT}"
    roles:
      web:
        kind: execution
        description: Allows ECS tasks to call AWS services on your behalf.
        trust: off
        policy_delivery: managed
        managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]
        statements: [{{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*"}}]
"""
COMMANDS = {
    "adopt": ("--config", "new.yaml", "adopt", "--all-ecs", "--dry-run"),
    "audit": ("audit", "--write-roles", "written.yaml"),
    "check": ("check", "task.json", "--live", "--region", REGION),
    "show": ("show", "--live"),
    "verify": ("verify",),
}


@dataclass
class Account:
    """An account with a running service, and a folder with a roles.yaml for it."""

    aws: EnforcingAws
    folder: Path
    number: int = 0

    def run(self, command: str, without: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as a role with the permissions that it needs, except one action."""
        # This emulator checks ecs:DescribeServices on the cluster, AWS on each service.
        policy = json.loads(json.dumps(policy_for(command, "aws")).replace(":service/*", ":cluster/*"))
        for statement in policy["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [action for action in actions if action != without]
        credentials = self._credentials([statement for statement in policy["Statement"] if statement["Action"]])
        folder = self.folder / f"run-{self.number}"
        folder.mkdir()
        for name, text in {"roles.yaml": ROLES, "task.json": json.dumps(self.task())}.items():
            (folder / name).write_text(text)
        variables = {name.upper(): value for name, value in credentials.items()}
        variables["XDG_CACHE_HOME"] = str(folder / "cache")  # no answers that the run before it kept
        done = run_taskrole(COMMANDS[command], folder, {**os.environ, **self.aws.variables(), **variables})
        assert "Traceback" not in done.stderr
        return done

    def task(self) -> dict[str, Any]:
        arn = f"arn:aws:iam::{ACCOUNT}:role/web"
        return {**TASK, "family": "web", "executionRoleArn": arn, "requiresCompatibilities": ["FARGATE"]}

    def _credentials(self, statements: list[dict[str, Any]]) -> dict[str, str]:
        self.number += 1
        iam, name = self.aws.client("iam"), f"reader-{self.number}"
        principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        put_policy(iam, name, "needs", *statements)
        return self.aws.assume(arn)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("enforced")
    with enforcing_aws(folder) as aws:
        made = Account(aws, folder)
        iam, ecs = aws.client("iam"), aws.client("ecs")
        click_role(iam, "web", TRUST, ("service-role/AmazonECSTaskExecutionRolePolicy",))
        click_role(iam, "app", TRUST, ())
        own = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [own]})
        policy = iam.create_policy(PolicyName="web-permissions", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="web", PolicyArn=policy)
        put_policy(iam, "app", "own", own)
        ecs.create_cluster(clusterName="prod")
        roles = {"taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/app"}
        ecs.register_task_definition(**{**made.task(), **roles, "cpu": "256", "memory": "512", "networkMode": "awsvpc"})
        ecs.create_service(cluster="prod", serviceName="web", taskDefinition="web", desiredCount=0)
        yield made


def test_all_commands_are_tested_except_those_that_no_emulator_supports() -> None:
    # No emulator has the event history.
    assert NEEDS.keys() - COMMANDS.keys() == {"observe"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_printed_policy_is_sufficient(account: Account, command: str) -> None:
    done = account.run(command)

    assert done.returncode == 0, done.stderr + done.stdout


# Not used here: AWS managed policies that the snapshot lacks, and roles by prefix.
UNUSED = {("audit", "iam:GetPolicy"), ("audit", "iam:GetPolicyVersion"), ("show", "iam:ListRoles")}
UNUSED |= {("verify", "iam:ListRoles"), ("check", "iam:GetRolePolicy"), ("verify", "iam:GetRolePolicy")}
UNUSED |= {("show", "iam:GetRolePolicy")}
USED = {
    command: [action for need in NEEDS[command] for action in need.actions if (command, action) not in UNUSED]
    for command in COMMANDS
}
# Every run tests the first of each command.
LACKING = [
    pytest.param(command, action, marks=pytest.mark.extra if index else ())
    for command, actions in USED.items()
    for index, action in enumerate(actions)
]


@pytest.mark.parametrize(("command", "action"), LACKING)
def test_without_an_action_the_command_names_it_and_print_policy(account: Account, command: str, action: str) -> None:
    done = account.run(command, without=action)

    assert done.returncode == 1, done.stderr + done.stdout
    assert action.partition(":")[2] in done.stderr
    assert "run the same command with --print-policy for the permissions that it needs" in done.stderr
