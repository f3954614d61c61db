"""Tests adopting roles of the console with the real terraform: imported, then narrowed to least privilege."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.aws_client import client
from tests.e2e.console import click_role, put_policy
from tests.e2e.project import ROOT, Project

ACCOUNT = "123456789012"
REGION = "ap-southeast-1"
WORKSHOP = f"""\
# yaml-language-server: $schema=./roles.schema.json
#
# Roles of the account, for Terraform to take over, written by taskrole adopt.
# For the keys, see docs/roles-yaml.md of taskrole, or hover over them.

version: 1

stacks:
  ecs:
    region: {REGION}
    account: "{ACCOUNT}"
    roles:
      ROLE:
        kind: execution
        adopt: true  # until the first apply; then remove this line
        description: Allows ECS tasks to call AWS services on your behalf.
        trust: off
        managed_policies:
          - AmazonEC2ContainerRegistryReadOnly
          - CloudWatchLogsFullAccess
          - SecretsManagerReadWrite
          - service-role/AmazonECSTaskExecutionRolePolicy
"""


def planned(project: Project) -> tuple[str, dict[str, Any]]:
    """Synthesise and plan; return the last line of the plan, and the plan as JSON."""
    project.synth()
    project.terraform("init", "-no-color")
    output = project.terraform("plan", "-no-color", "-out", "plan").stdout
    (total,) = [line for line in output.splitlines() if line.startswith("Plan: ")]
    return total, json.loads(project.terraform("show", "-json", "plan").stdout)


def review(project: Project) -> dict[str, Any]:
    plan = project.folder / "plan.json"
    plan.write_text(project.terraform("show", "-json", "plan").stdout)
    return json.loads(project.taskrole("review", str(plan), "--format", "json", ok=(0, 3)).stdout)


def test_the_role_of_the_workshop_is_imported_unchanged_and_then_narrowed(project: Project, iam, embedded_aws) -> None:
    project.stack = "ecs"
    click_role(iam, "clickedExecution")

    adopted = project.taskrole("adopt", "clickedExecution")

    file = project.folder / "roles.yaml"
    assert file.read_text() == WORKSHOP.replace("ROLE", "clickedExecution")
    assert (project.folder / "roles.schema.json").read_bytes() == (ROOT / "roles.schema.json").read_bytes()
    assert adopted.stdout.splitlines() == [
        "roles.yaml: adopted 1 role into stack ecs",
        "  execution clickedExecution",
        "The first plan will show: 5 to import, 0 to add, 0 to change, 0 to destroy.",
    ]
    total, plan = planned(project)
    assert total == "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy."
    assert {tuple(change["change"]["actions"]) for change in plan["resource_changes"]} == {("no-op",)}
    project.terraform("apply", "-no-color", "plan")
    assert not project.has_changes()
    assert project.taskrole("verify").stdout.endswith("everything is as declared\n")

    # Least privilege: the permissions of the tasks in place of the four policies.
    client(embedded_aws, "logs").create_log_group(logGroupName="/ecs/web")
    (project.folder / "web.json").write_text(json.dumps(TASK))
    text = file.read_text()
    file.write_text(f"{text[: text.index('        managed_policies')]}        task_definitions: [web.json]\n")
    total, _ = planned(project)
    assert total == "Plan: 1 to add, 0 to change, 4 to destroy."
    report = review(project)
    assert report["verdict"] == "narrows"
    project.terraform("apply", "-no-color", "plan")
    assert not project.has_changes()
    assert project.taskrole("verify").stdout.endswith("everything is as declared\n")
    assert iam.list_attached_role_policies(RoleName="clickedExecution")["AttachedPolicies"] == []


EXISTING = """\
# Ours.
version: 1

stacks:
  s:  # everything
    region: ap-southeast-1
    account: "123456789012"
    roles:
      # Made by Terraform.
      made:
        kind: task
        trust: off
        # statements will follow

# The end.
"""
ODD_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": ["sts:TagSession", "sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringNotLikeIfExists": {"aws:PrincipalOrgID": "o-1"}},
        },
    ],
}


@pytest.mark.extra
def test_settings_without_a_key_are_imported_verbatim(project: Project, iam) -> None:
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    tags = [{"Key": "team", "Value": "core"}, {"Key": "cost/centre", "Value": "0012"}]
    click_role(
        iam,
        "odd",
        ODD_TRUST,
        (),
        Path="/apps/",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        Tags=tags,
        Description="costs 5 ${not.a.reference}: 'quoted' # and no comment",
    )
    put_policy(
        iam,
        "odd",
        "several",
        {
            "Sid": "Z",
            "Effect": "Allow",
            "NotAction": ["iam:*", "iam:*"],
            "NotResource": "arn:aws:s3:::a/${aws:username}",
        },
        {
            "Sid": "A",
            "Effect": "Deny",
            "Action": "S3:getobject",
            "Resource": "*",
            "Condition": {"NumericLessThan": {"s3:max-keys": "10"}},
        },
    )
    put_policy(iam, "odd", "one", {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"})
    project.write(EXISTING)

    adopted = project.taskrole("adopt", "odd", "--kind", "task")

    assert adopted.stderr.splitlines() == [
        "reading role 1 of 1: odd",
        "warning: role odd: its trust policy is not one that taskrole writes; it is kept verbatim in trust_policy",
        "warning: role odd: statement 2 of inline policy several has elements that taskrole does not know (Action.0); "
        "it is kept verbatim",
    ]
    text = (project.folder / "roles.yaml").read_text()
    above, below = EXISTING.split("\n# The end.")
    assert text.startswith(above)
    assert text.endswith(f"\n# The end.{below}")
    total, _ = planned(project)
    assert total == "Plan: 3 to import, 1 to add, 0 to change, 0 to destroy."
    project.terraform("apply", "-no-color", "plan")
    assert not project.has_changes()
    assert project.taskrole("verify").stdout.endswith("everything is as declared\n")
    # Neither keeping nor removing the line changes anything.
    (project.folder / "roles.yaml").write_text(text.replace("adopt: true", "adopt: false"))
    project.synth()
    assert not project.has_changes()
    assert project.taskrole("adopt", "odd").stdout == "roles.yaml: nothing to adopt\n"


TASK = {
    "family": "web",
    "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [
        {
            "name": "web",
            "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1",
            "secrets": [
                {
                    "name": "DB",
                    "valueFrom": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:web/db-AbCdEf",
                }
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/web",
                    "awslogs-region": REGION,
                    "awslogs-stream-prefix": "web",
                },
            },
        }
    ],
}
