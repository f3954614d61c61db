"""Tests deploying, changing and destroying roles of roles.yaml with the real terraform and the real AWS provider."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from tests.aws_client import client
from tests.e2e.project import ROOT, Project

FULL = """\
    version: 1
    defaults:
      account: "123456789012"
    stacks:
      s:
        region: ap-southeast-1
        tags: {{team: core}}
        roles:
          full-execution:
            kind: execution
            path: /ecs/
            description: {description}
            max_session_duration: 7200
            permissions_boundary: arn:aws:iam::aws:policy/PowerUserAccess
            tags: {{cost/centre: "0012 + x@y"}}
            exclusive: true
            managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]
            statements:
              - Sid: ReadOwn
                Effect: Allow
                Action: s3:GetObject
                Resource: arn:aws:s3:::bucket/${{aws:PrincipalTag/team}}/*
          full-task:
            kind: task
            name_prefix: full-task-
            policy_delivery: managed
            exclusive: true
            statements:
              - {{Sid: Put, Effect: Allow, Action: s3:PutObject, Resource: 'arn:aws:s3:::bucket/*'}}
"""
LITERAL = "'costs 5 ${not.a.reference} and 7 %{ if nothing }'"


def test_the_workshop_role_is_deployed_verified_changed_and_destroyed(project: Project, iam) -> None:
    workshop = (ROOT / "roles.yaml").read_text("utf-8").replace("fcjEcsTaskExecutionRole", "workshopRole")
    project.stack = "workshop"
    project.write(workshop)
    project.run_main()
    of_main = (project.stack_folder / "cdk.tf.json").read_bytes()

    applied = project.deploy()

    assert (project.stack_folder / "cdk.tf.json").read_bytes() == of_main
    assert "Resources: 5 added, 0 changed, 0 destroyed" in applied
    assert "Warning:" not in applied
    assert (project.folder / "terraform.workshop.tfstate").is_file()
    assert not project.has_changes()
    role = iam.get_role(RoleName="workshopRole")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    attached = iam.list_attached_role_policies(RoleName="workshopRole")["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {
        "AmazonECSTaskExecutionRolePolicy",
        "AmazonEC2ContainerRegistryReadOnly",
        "CloudWatchLogsFullAccess",
        "SecretsManagerReadWrite",
    }
    assert project.output_values() == {
        "workshopRole_arn": role["Arn"],
        "workshopRole_name": "workshopRole",
        "workshopRole_unique_id": role["RoleId"],
    }
    assert project.taskrole("verify").stdout.endswith("everything is as declared\n")

    project.write(workshop.replace("          - SecretsManagerReadWrite\n", ""))

    assert "extra" in project.taskrole("verify", ok=(3,)).stdout
    assert "Resources: 0 added, 0 changed, 1 destroyed" in project.apply()
    assert not project.has_changes()
    project.taskrole("verify")

    project.terraform("destroy", "-no-color", "-auto-approve")

    assert "missing" in project.taskrole("verify", ok=(3,)).stdout
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="workshopRole")


def test_every_setting_of_a_role_is_deployed_and_restored_if_changed_by_hand(project: Project, iam) -> None:
    project.write(FULL.format(description=LITERAL))

    project.deploy()

    _assert_every_setting(iam)
    report = json.loads(project.taskrole("verify", "--format", "json").stdout)
    assert {item["status"] for stack in report["stacks"] for role in stack["roles"] for item in role["items"]} == {"OK"}

    iam.attach_role_policy(RoleName="full-execution", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    by_hand = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="full-execution", PolicyName="rogue", PolicyDocument=json.dumps(by_hand))
    iam.detach_role_policy(
        RoleName="full-execution", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    )

    verified = project.taskrole("verify", ok=(3,)).stdout
    assert "extra   attached arn:aws:iam::aws:policy/AdministratorAccess" in verified
    assert "extra   inline policy rogue" in verified
    assert "missing attached arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy" in verified

    applied = project.terraform("apply", "-no-color", "-auto-approve").stdout

    assert "Resources: 1 added, 2 changed, 0 destroyed" in applied
    assert not project.has_changes()
    _assert_every_setting(iam)
    project.taskrole("verify")
    project.terraform("destroy", "-no-color", "-auto-approve")


def _assert_every_setting(iam) -> None:
    role = iam.get_role(RoleName="full-execution")["Role"]
    assert role["Description"] == LITERAL.strip("'")
    assert role["Path"] == "/ecs/"
    assert role["MaxSessionDuration"] == 7200
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::aws:policy/PowerUserAccess"
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"cost/centre": "0012 + x@y", "team": "core"}
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"}
    }
    own = iam.get_role_policy(RoleName="full-execution", PolicyName="permissions")["PolicyDocument"]
    document = json.loads(unquote(own)) if isinstance(own, str) else own
    assert document["Statement"][0]["Resource"] == "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*"
    names = [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("full-task-")]
    assert len(names) == 1
    (attached,) = iam.list_attached_role_policies(RoleName=names[0])["AttachedPolicies"]
    assert attached["PolicyName"] == "full-task-permissions"


@pytest.mark.extra
def test_a_role_that_must_be_replaced_keeps_its_policies(project: Project, iam) -> None:
    project.write(FULL.format(description="x"))
    project.deploy()
    first = iam.get_role(RoleName="full-execution")["Role"]["RoleId"]

    project.write(FULL.format(description="x").replace("path: /ecs/", "path: /other/"))
    project.deploy()

    assert iam.get_role(RoleName="full-execution")["Role"]["RoleId"] != first
    assert iam.list_role_policies(RoleName="full-execution")["PolicyNames"] == ["permissions"]
    assert len(iam.list_attached_role_policies(RoleName="full-execution")["AttachedPolicies"]) == 1
    assert not project.has_changes()


def test_the_state_of_an_s3_backend_is_encrypted_under_its_key(project: Project, embedded_aws) -> None:
    project.write(
        """\
        version: 1
        backend: {type: s3, bucket: taskrole-state, use_path_style: true, key: "odd/${key} 100%.tfstate"}
        stacks:
          s: {region: ap-southeast-1, roles: {in-s3: {kind: task, trust: off}}}
        """
    )

    project.deploy()

    state = client(embedded_aws, "s3").get_object(Bucket="taskrole-state", Key="odd/${key} 100%.tfstate")
    assert state["ServerSideEncryption"] == "AES256"
    assert not project.has_changes()
