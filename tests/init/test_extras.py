"""Tests `taskrole init --ci` and `--cdktf`, and `taskrole synth`: they write the files of this repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.running import ROOT, taskrole

WORKFLOWS = ".github/workflows"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a task definition that shows its account and region."""
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"
    containers = [{"name": "web", "image": image}]
    role = "arn:aws:iam::111122223333:role/web-execution"
    task = {"family": "web", "executionRoleArn": role, "containerDefinitions": containers}
    (tmp_path / "web.json").write_text(json.dumps(task))
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=variables, check=False, capture_output=True, text=True
    )


def test_github_gets_workflows_that_check_and_review_the_root_module(project: Path) -> None:
    result = taskrole("init", "--terraform", "--ci", "github", cwd=project)

    assert result.code == 0
    check = (project / WORKFLOWS / "check-roles.yml").read_text()
    review = (project / WORKFLOWS / "roles.yml").read_text()
    assert check == (ROOT / "docs/ci/github-check.yml").read_text()
    assert "cd terraform/ecs" in review
    assert "source: terraform/ecs" in review
    assert "infra" not in review
    assert set(yaml.safe_load(review)["jobs"]) == {"review", "report"}
    assert f"wrote {WORKFLOWS}/roles.yml: reviews each plan of terraform/ecs; put the address" in result.out


def test_github_without_terraform_gets_only_the_workflow_that_checks(project: Path) -> None:
    taskrole("init", "--ci", "github", cwd=project)

    assert [file.name for file in (project / WORKFLOWS).iterdir()] == ["check-roles.yml"]


def test_github_gets_a_workflow_that_reviews_the_stacks_of_the_app(project: Path) -> None:
    result = taskrole("init", "--cdktf", "--ci", "github", cwd=project)

    assert result.code == 0
    assert {file.name for file in (project / WORKFLOWS).iterdir()} == {"check-roles.yml", "cdktf-roles.yml"}
    assert (project / WORKFLOWS / "cdktf-roles.yml").read_text() == (ROOT / "docs/ci/github-cdktf.yml").read_text()


def test_gitlab_gets_a_job_for_the_stack_of_the_app(project: Path) -> None:
    taskrole("init", "--cdktf", "--ci", "gitlab", cwd=project)

    jobs = yaml.safe_load((project / ".gitlab-ci.yml").read_text())
    assert jobs["review"]["parallel"]["matrix"] == [{"STACK": ["ecs"]}]


def test_gitlab_gets_the_component_for_the_root_module(project: Path) -> None:
    taskrole("init", "--terraform", "--ci", "gitlab", cwd=project)

    (include,) = yaml.safe_load((project / ".gitlab-ci.yml").read_text())["include"]
    assert include["inputs"]["directory"] == "terraform/ecs"


def test_an_existing_ci_file_is_kept(project: Path) -> None:
    (project / ".gitlab-ci.yml").write_text("stages: [mine]\n")

    result = taskrole("init", "--ci", "gitlab", cwd=project)

    assert (result.code, result.out) == (1, "")
    assert not (project / "roles.yaml").exists()


def test_the_cdktf_app_is_that_of_this_repository_and_runs(project: Path) -> None:
    assert taskrole("init", "--cdktf", cwd=project).code == 0

    for name in ("main.py", "cdktf.json", "stacks/role_stack.py", "stacks/backend.py"):
        assert (project / name).read_bytes() == (ROOT / name).read_bytes()
    done = python(project, "main.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / "cdktf.out/stacks/ecs/cdk.tf.json").is_file()


def test_the_generated_test_of_the_app_passes(project: Path) -> None:
    taskrole("init", "--cdktf", cwd=project)

    done = python(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_synth_writes_the_same_terraform_without_an_app(project: Path) -> None:
    taskrole("init", cwd=project)

    result = taskrole("synth", cwd=project)

    assert (result.code, result.err) == (0, "")
    assert result.out == "cdktf.out/stacks/ecs/cdk.tf.json\n"
    resources = json.loads((project / "cdktf.out/stacks/ecs/cdk.tf.json").read_text())["resource"]
    assert set(resources["aws_iam_role"]) == {"web-execution"}


def test_synth_reports_a_mistake_once_and_writes_nothing(project: Path) -> None:
    (project / "roles.yaml").write_text("version: 2\n")

    result = taskrole("synth", cwd=project)

    assert (result.code, result.out, len(result.errors)) == (1, "", 2)
    assert not (project / "cdktf.out").exists()


def test_synth_runs_no_program_of_the_project(project: Path) -> None:
    taskrole("init", cwd=project)
    (project / "main.py").write_text("raise SystemExit(9)")

    assert taskrole("synth", cwd=project).code == 0
