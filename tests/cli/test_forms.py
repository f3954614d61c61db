"""Tests task definitions in other forms on the command line: results, selection, and skipped files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import taskrole
from tests.taskdef.forms.written import written_in_all_forms

PLACE = ("--region", "eu-central-1", "--account", "111122223333")
TASK = {
    "family": "web",
    "executionRoleArn": "arn:aws:iam::111122223333:role/exec",
    "containerDefinitions": [{"name": "web", "image": "nginx", "secrets": [{"name": "DB", "valueFrom": "/shop/db"}]}],
}
TEMPLATE = """
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Secrets:
            - Name: DB
              ValueFrom: !Sub arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Name}
  Job:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: job, ContainerDefinitions: [{Name: job, Image: nginx}]}
"""


@pytest.mark.parametrize("form", ["describe", "yaml", "template in YAML", "plan", "state file"])
def test_policies_of_a_task_are_the_same_in_any_form(tmp_path: Path, form: str) -> None:
    forms = written_in_all_forms(TASK)
    (tmp_path / "register").write_text(forms["register"])
    (tmp_path / "other").write_text(forms[form])

    expected, other = (
        taskrole("derive", str(tmp_path / name), *PLACE, "--format", "policy") for name in ("register", "other")
    )

    assert (other.code, other.out) == (0, expected.out)


def test_a_family_of_a_template_is_selected_and_account_and_region_fill_pseudo_parameters(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)

    result = taskrole("derive", str(path), *PLACE, "--family", "web", "--set", "Name=shop/db", "--format", "json")
    unknown = taskrole("derive", str(path), *PLACE, "--family", "wep")

    assert result.code == 0
    assert "arn:aws:ssm:eu-central-1:111122223333:parameter/shop/db" in result.out
    assert "/Resources/Web/Properties/ContainerDefinitions/0/Secrets/0/ValueFrom" in result.out
    assert "job" not in result.out
    assert (unknown.code, unknown.err) == (1, "--family: no task definition is called 'wep'; did you mean web?\n")


def test_check_reads_the_same_forms(tmp_path: Path) -> None:
    path, policy = tmp_path / "plan.json", tmp_path / "policy.json"
    path.write_text(written_in_all_forms(TASK)["plan"])
    derived = taskrole("derive", str(path), *PLACE, "--format", "policy", "--role", "execution")
    policy.write_text(derived.out)

    result = taskrole("check", str(path), *PLACE, "--role", str(policy), "--family", "aws_ecs_task_definition.web")

    assert result.code == 0, result.err


def test_other_files_in_a_folder_are_a_single_note(tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text(json.dumps(TASK))
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {}}')
    (tmp_path / "compose.yml").write_text("services: {web: {image: nginx}}")

    result = taskrole("derive", str(tmp_path), *PLACE, "--format", "policy", "--quiet")
    noted = taskrole("derive", str(tmp_path), *PLACE, "--format", "policy")

    assert result.err == ""
    lines = [line for line in noted.err.splitlines() if "skipped" in line]
    assert lines[0].endswith("for what is deployed from it; skipped")
    assert lines[1:] == [
        f"note: skipped 2 files without a task definition: {tmp_path}/package.json, {tmp_path}/tsconfig.json"
    ]


def test_a_named_file_of_another_kind_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")

    result = taskrole("derive", str(tmp_path / "package.json"), *PLACE)

    assert result.code == 1
    assert "package.json: must contain a task definition" in result.err
