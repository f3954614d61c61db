"""Tests the example of another CDKTF app: it runs, and its task definition has the ARNs of its roles."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "task_definition_app"


def test_the_task_definition_of_the_example_refers_to_its_two_roles(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(EXAMPLE / "main.py")],
        cwd=EXAMPLE,
        env={**os.environ, "CDKTF_OUTDIR": str(tmp_path / "out")},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stderr) == (0, "")
    resources = json.loads((tmp_path / "out/stacks/web/cdk.tf.json").read_text())["resource"]
    definition = resources["aws_ecs_task_definition"]["web"]
    assert definition["execution_role_arn"] == "${aws_iam_role.web-execution.arn}"
    assert definition["task_role_arn"] == "${aws_iam_role.web-task.arn}"
    assert definition["depends_on"] == [
        "aws_iam_role_policy.web-execution_grants",
        "aws_iam_role_policy.web-task_grants",
    ]
    assert {kind: sorted(named) for kind, named in resources.items()} == {
        "aws_cloudwatch_log_group": ["logs"],
        "aws_ecr_repository": ["repository"],
        "aws_ecs_task_definition": ["web"],
        "aws_iam_role": ["web-execution", "web-task"],
        "aws_iam_role_policy": ["web-execution_grants", "web-task_grants"],
        "aws_s3_bucket": ["uploads"],
        "aws_secretsmanager_secret": ["database"],
    }
    granted = {
        resource
        for policy in resources["aws_iam_role_policy"].values()
        for statement in json.loads(policy["policy"])["Statement"]
        for resource in [statement["Resource"]]
    }
    assert granted == {
        "*",
        "${aws_cloudwatch_log_group.logs.arn}:log-stream:web/web/*",
        "${aws_ecr_repository.repository.arn}",
        "${aws_s3_bucket.uploads.arn}/*",
        "${aws_secretsmanager_secret.database.arn}",
    }


def test_no_grant_is_declared_for_calls_of_ecs() -> None:
    source = (EXAMPLE / "main.py").read_text("utf-8")

    assert not re.search(r"(ecr|logs|secretsmanager|kms):[A-Z]", source)
