"""The synthesised Terraform: what stands in cdk.tf.json for what stands in roles.yaml."""

from __future__ import annotations

import json
from pathlib import Path

from stacks.engine import App
from stacks.engine import Testing as Synthesis
from stacks.role_stack import RoleStack
from taskrole.config import load_config

ROOT = Path(__file__).parent.parent.parent


def test_the_workshop_file_makes_the_role_and_its_four_attachments(tmp_path: Path) -> None:
    (spec,) = load_config(ROOT / "roles.yaml").stacks

    terraform = json.loads(Synthesis.synth(RoleStack(App(outdir=str(tmp_path)), spec), True))

    role = terraform["resource"]["aws_iam_role"]["fcjEcsTaskExecutionRole"]
    assert role["name"] == "fcjEcsTaskExecutionRole"
    attachments = terraform["resource"]["aws_iam_role_policy_attachment"].values()
    assert sorted(attachment["policy_arn"] for attachment in attachments) == [
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
        "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess",
        "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    ]
