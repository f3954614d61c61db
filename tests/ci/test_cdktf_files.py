"""Tests the CI files for CDKTF stacks: jobs that run code of a merge request, in a project of `taskrole init`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.repository import ROOT, Repository
from tests.cli.running import taskrole
from tools.warm_fast_start import cache_root

pytestmark = pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("bash", "git", "node")),
    reason="NO BASH, GIT OR NODE: the jobs for CDKTF stacks were not run",
)
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"
# The package cache of jsii, which takes seconds to fill: the home of a job is empty.
JSII_CACHE = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache_root())}
EXECUTION_ROLE = "arn:aws:iam::111122223333:role/web-execution"


def load(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docs/ci" / name).read_text("utf-8"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A project whose branch grants more than its base, with an installed taskrole and its Python."""
    project = tmp_path / "project"
    project.mkdir()
    task = {
        "family": "web",
        "executionRoleArn": EXECUTION_ROLE,
        "containerDefinitions": [{"name": "w", "image": IMAGE}],
    }
    (project / "web.json").write_text(json.dumps(task))
    assert taskrole("init", "--cdktf", cwd=project).code == 0
    files = {str(path.relative_to(project)): path.read_text("utf-8") for path in project.rglob("*") if path.is_file()}
    repository = Repository(tmp_path, files, {"web.json": files["web.json"].replace("web:1", "other:1")})
    repository.put_taskrole("bin")
    python = repository.temporary / "bin/python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return repository


def steps_before_credentials(job: str) -> list[dict[str, Any]]:
    """Return the scripts of a deployment job that run installed programs."""
    return [step for step in load("github-cdktf-deploy.yml")["jobs"][job]["steps"] if "BIN" in step.get("env", {})]


def run(repository: Repository, script: str, **variables: str) -> str:
    """Run a script like CI, and return its output in GITHUB_OUTPUT."""
    output = repository.temporary / "output"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=repository.folder,
        env={**repository.variables, **JSII_CACHE, "GITHUB_OUTPUT": str(output), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    return output.read_text("utf-8") if output.exists() else ""


def test_github_plans_the_stacks_that_change(repository: Repository) -> None:
    steps = {step.get("id", step.get("name")): step for step in load("github-cdktf.yml")["jobs"]["roles"]["steps"]}
    programs = str(repository.temporary / "bin")

    matrix = run(repository, steps["stacks"]["run"], BIN=programs, BASE="origin/main")
    run(repository, steps["Write the Terraform of all stacks"]["run"], BIN=programs)

    assert json.loads(matrix.removeprefix("matrix="))["include"] == [
        {"stack": "ecs", "region": "eu-west-1", "account": "111122223333"}
    ]
    assert (repository.folder / "cdktf.out/stacks/ecs/cdk.tf.json").is_file()


@pytest.mark.parametrize("job", ["stacks", pytest.param("review", marks=pytest.mark.extra)])
def test_a_deployment_writes_the_stacks_before_it_has_credentials(job: str, repository: Repository) -> None:
    before = steps_before_credentials(job)

    for step in before:
        run(repository, step["run"], BIN=str(repository.temporary / "bin"), GITHUB_PATH=str(repository.temporary / "p"))

    assert len(before) == 1
    assert (repository.folder / "cdktf.out/stacks/ecs/cdk.tf.json").is_file() == (job != "stacks")


def test_the_applied_stacks_are_written_like_the_reviewed_ones() -> None:
    assert steps_before_credentials("apply") == steps_before_credentials("review")


def test_gitlab_checks_roles_and_writes_the_stacks(repository: Repository) -> None:
    job = load("gitlab-cdktf.yml")["roles"]
    lock = job["script"].index("taskrole lock --check")

    run(repository, "\n".join([*job["script"][:lock], "taskrole lock", *job["script"][lock:]]))

    assert (repository.folder / "cdktf.out/stacks/ecs/cdk.tf.json").is_file()


def test_gitlab_installs_the_package_that_a_variable_names() -> None:
    before = load("gitlab-cdktf.yml")[".roles"]["before_script"]

    assert [command for command in before if "pip" in command] == [
        '"$private/venv/bin/python" -I -m pip install --quiet --disable-pip-version-check "$TASKROLE_PACKAGE"'
    ]
