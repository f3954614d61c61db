"""Tests the GitLab component, Atlantis and HCP Terraform with the real Terraform.

The root module has the built-in resource `terraform_data`, so it needs no provider.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.repository import ROLES, ROOT, Repository, modules_that_tell

pytestmark = pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("bash", "git", "terraform")),
    reason="NO BASH, GIT OR TERRAFORM: the commands of CI files were not run",
)
MODULE = 'resource "terraform_data" "a" {\n  input = "b"\n}\n'
HEADER, COMPONENT = yaml.safe_load_all((ROOT / "templates/roles.yml").read_text("utf-8"))
EVENT = {
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "AWS_ID_TOKEN": "a-token",
    "AWS_PLAN_ROLE": "arn:aws:iam::1:role/x",
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path, {"roles.yaml": ROLES, "infra/main.tf": MODULE})
    repository.put_taskrole("bin")
    return repository


def run(repository: Repository, script: str, folder: str = ".", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=repository.folder / folder,
        env={**repository.variables, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )


def component_job(name: str, **inputs: str) -> tuple[list[str], list[str], dict[str, str]]:
    """Return the commands before and of a job, and its variables, with inputs of the component."""
    values = {key: value.get("default", "") for key, value in HEADER["spec"]["inputs"].items()} | inputs

    def filled(text: str) -> str:
        return re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", lambda match: values[match[1]], text)

    shared: dict[str, Any] = COMPONENT[".taskrole"]
    variables = {key: filled(value) for key, value in shared["variables"].items()}
    return shared["before_script"], COMPONENT[name]["script"], variables


def test_the_component_reviews_a_plan_and_keeps_no_secrets(repository: Repository) -> None:
    _, script, variables = component_job("taskrole-review", directory="infra")

    done = run(repository, "\n".join(["private=$(mktemp -d)", *script]), **variables, **EVENT)

    artifacts = COMPONENT["taskrole-review"]["artifacts"]
    kept = {*artifacts["paths"], *artifacts["reports"].values()}
    assert done.returncode == 0, done.stderr
    assert kept == {str(path.relative_to(repository.folder)) for path in repository.folder.glob("taskrole-review/*")}
    assert not list(repository.folder.rglob("plan*"))


def test_the_component_checks_roles_without_an_account(repository: Repository) -> None:
    _, script, variables = component_job("taskrole-check")

    done = run(repository, "\n".join(script), **variables)

    assert done.returncode != 0
    assert "grants.lock.json" in done.stderr
    assert "id_tokens" not in COMPONENT["taskrole-check"]


def test_the_example_of_the_component_names_its_inputs() -> None:
    example = yaml.safe_load((ROOT / "docs/ci/gitlab-terraform.yml").read_text("utf-8"))
    declared = HEADER["spec"]["inputs"]
    given = example["include"][0]["inputs"]

    assert set(given) <= set(declared)
    assert {name for name, value in declared.items() if "default" not in value} <= set(given)


@pytest.mark.extra
@pytest.mark.slow
def test_the_component_installs_a_single_package_and_runs_no_module_of_the_merge_request(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repository = Repository(tmp_path, {"roles.yaml": ROLES}, modules_that_tell(marker))
    (repository.temporary / "bin").mkdir()
    (repository.temporary / "bin/python3").symlink_to(sys.executable)
    before, _, variables = component_job("taskrole-check", package=str(ROOT))

    done = run(repository, "\n".join([*before, "taskrole validate"]), **variables)

    assert done.returncode == 0, done.stderr
    assert not marker.exists()


def test_atlantis_reviews_its_plan(repository: Repository, tmp_path: Path) -> None:
    configuration = yaml.safe_load((ROOT / "docs/ci/atlantis.yaml").read_text("utf-8"))
    *before, last = configuration["workflows"]["reviewed"]["plan"]["steps"]
    settings = tmp_path / "settings.yaml"
    settings.write_text("version: 1\n")
    plan = "terraform init -input=false && terraform plan -out=p && terraform show -json p > $SHOWFILE\n"
    script = plan + last["run"].replace("/etc/atlantis/taskrole.review.yaml", str(settings))

    done = run(repository, script, "infra", SHOWFILE=str(tmp_path / "plan.json"))

    assert before == ["init", "plan", "show"]
    assert done.returncode == 0, done.stderr
    assert "nothing" in done.stdout.lower() or "no change" in done.stdout.lower()


def test_hcp_terraform_reviews_a_plan_without_its_token(repository: Repository, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("version: 1\n")
    script = ROOT / "docs/ci/hcp-terraform.sh"

    done = run(
        repository, str(script), "infra", SETTINGS=str(settings), TMPDIR=str(tmp_path), TF_TOKEN_app_terraform_io="x"
    )

    text = script.read_text("utf-8")
    assert done.returncode == 0, done.stderr
    assert text.index("unset TF_TOKEN_app_terraform_io") < text.index("taskrole review")
    assert not list(tmp_path.glob("tmp.*")), "the plan is removed"
