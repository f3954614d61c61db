"""Tests the output of `taskrole derive --format hcl` with the real terraform."""

from __future__ import annotations

import json

from tests.e2e.project import ROOT, Project, run

SERVICE = ROOT / "examples/service/task-definitions"
PROVIDER = 'provider "aws" {\n  region = "ap-southeast-1"\n}\n'


def test_derived_roles_are_formatted_valid_and_deployed(project: Project) -> None:
    many = [
        {"name": f"S{n}", "valueFrom": f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{n:060}-AbCdEf"}
        for n in range(150)
    ]
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/large:1"
    large = {"family": "1 large ${x}", "containerDefinitions": [{"name": "a", "image": image, "secrets": many}]}
    (project.folder / "large.json").write_text(json.dumps(large))
    place = ("--region", "eu-central-1", "--account", "123456789012")
    written = project.taskrole("derive", str(SERVICE), "large.json", *place, "--format", "hcl").stdout
    (project.folder / "main.tf").write_text(PROVIDER)
    (project.folder / "roles.tf").write_text(written)

    def terraform(*arguments: str) -> str:
        return run([project.terraform_program, *arguments, "-no-color"], project.folder, project.variables).stdout

    terraform("init")
    assert terraform("fmt", "-check", "-list=true") == ""
    assert "Success!" in terraform("validate")
    assert "aws_iam_policy" in written
    assert "Apply complete!" in terraform("apply", "-auto-approve")
    assert "Destroy complete!" in terraform("destroy", "-auto-approve")
