"""Tests a project made from the wheel with its extras: created, deployed by the real terraform, and verified."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.project import Project, run
from tests.packaged import build, clean_environment, environment, templates

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel with all extras."""
    return environment(build("wheel", tmp_path_factory.mktemp("dist")), tmp_path_factory.mktemp("all") / "venv", "all")


def outside(project: Project) -> dict[str, str]:
    """Return the variables of a project without those that add the repository."""
    variables = {**clean_environment(), **project.variables, "CDKTF_OUTDIR": str(project.folder / "cdktf.out")}
    variables.pop("PYTHONPATH", None)
    return variables


@pytest.mark.extra
def test_the_wheel_with_its_extras_deploys_and_verifies(project: Project, python: Path) -> None:
    shutil.copytree(templates(python), project.folder, dirs_exist_ok=True)
    project.write("""\
        version: 1
        stacks:
          s:
            region: eu-central-1
            roles:
              web: {kind: task, trust: off, grants: [{access: read, resources: "arn:aws:s3:::shop/*"}]}
        """)
    variables = outside(project)
    (project.folder / "cdktf.out").mkdir()

    run([str(python), "main.py"], project.folder, variables)
    project.terraform("init", "-no-color")
    project.terraform("apply", "-no-color", "-auto-approve")

    done = run([str(python.with_name("taskrole")), "verify", "s"], project.folder, variables)
    assert "web" in done.stdout
    assert not project.has_changes()


@pytest.mark.extra
def test_a_project_of_init_is_valid_terraform_in_every_form(project: Project, python: Path) -> None:
    shutil.copy(ROOT / "examples/service/task-definitions/worker.json", project.folder / "web.json")
    variables = outside(project)

    def taskrole(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run([str(python.with_name("taskrole")), *arguments], project.folder, variables)

    taskrole("init", "--terraform", "--cdktf")
    by_verb = taskrole("synth").stdout.split()
    written = (project.folder / by_verb[0]).read_bytes()
    run([str(python), "main.py"], project.folder, variables)

    assert by_verb == ["cdktf.out/stacks/ecs/cdk.tf.json"]
    assert (project.folder / by_verb[0]).read_bytes() == written
    for folder in ("terraform/ecs", "cdktf.out/stacks/ecs"):
        terraform = [project.terraform_program, f"-chdir={project.folder / folder}"]
        run([*terraform, "init", "-backend=false", "-no-color"], project.folder, variables)
        done = run([*terraform, "validate", "-no-color"], project.folder, variables)
        assert "Success! The configuration is valid" in done.stdout
