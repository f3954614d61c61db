"""Tests an audited account: written, deployed with the real terraform as least privilege, and audited again."""

from __future__ import annotations

import json

from tests.aws_client import client
from tests.e2e.console import TRUST, click_role, put_policy
from tests.e2e.project import Project
from tests.live.filled import container, ecr, register, secret, serve


def test_an_account_becomes_least_privilege_in_a_single_step(project: Project, iam, embedded_aws) -> None:
    project.stack = "ecs"
    ecs = client(embedded_aws, "ecs")
    click_role(iam, "everybodysRole")
    click_role(iam, "shopTask", TRUST, ())
    put_policy(iam, "shopTask", "own", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"})
    ecs.create_cluster(clusterName="grown")
    containers = {name: container(ecr(name), secret(name)) for name in ("shop", "mail")}
    for name, definition in containers.items():
        arn = register(ecs, name, definition, "everybodysRole", "shopTask" if name == "shop" else "")
        serve(ecs, "grown", name, arn)
    before = audit(project)
    assert before["summary"]["excess"] == 202
    assert [finding["code"] for finding in before["findings"]] == ["AUDIT-SHARED"]

    project.taskrole("audit", "--cluster", "grown", "--write-roles", "roles.yaml")
    applied = project.deploy()

    # Two new roles with their policies; the role of the application is imported unchanged.
    assert "Resources: 2 imported, 4 added, 0 changed, 0 destroyed" in applied
    assert not project.has_changes()
    assert project.taskrole("verify").stdout.endswith("everything is as declared\n")
    roles = project.output_values()
    for name, definition in containers.items():
        arn = register(ecs, name, definition, roles[f"{name}-execution_arn"], "shopTask" if name == "shop" else "")
        # Like ECS after a deployment: the service no longer has the old task definition.
        ecs.delete_service(cluster="grown", service=name, force=True)
        serve(ecs, "grown", name, arn)
    after = audit(project)
    assert after["summary"] == {
        "services": 2,
        "starts": 2,
        "would_not_start": 0,
        "unknown": 0,
        "excess": 0,
    }
    assert after["findings"] == []


def audit(project: Project) -> dict:
    """Return the audit of the cluster, whose secrets all have AWS managed keys."""
    (project.folder / "options.yaml").write_text("kms_keys: aws-owned\n")
    options = ("--options", "options.yaml", "--format", "json")
    return json.loads(project.taskrole("audit", "--cluster", "grown", *options).stdout)
