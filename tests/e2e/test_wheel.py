"""A project made of nothing but the wheel with its extras: deployed by the real terraform, and verified."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.project import Project, run
from tests.packaged import build, clean_environment, environment, templates


@pytest.mark.extra
def test_the_wheel_with_its_extras_deploys_and_verifies(project: Project, tmp_path: Path) -> None:
    python = environment(build("wheel", tmp_path / "dist"), tmp_path / "venv", "all")
    shutil.copytree(templates(python), project.folder, dirs_exist_ok=True)
    project.write("""\
        version: 1
        stacks:
          s:
            region: eu-central-1
            roles:
              web: {kind: task, trust: off, grants: [{access: read, resources: "arn:aws:s3:::shop/*"}]}
        """)
    variables = {**clean_environment(), **project.variables, "CDKTF_OUTDIR": str(project.folder / "cdktf.out")}
    variables.pop("PYTHONPATH", None)
    (project.folder / "cdktf.out").mkdir()

    run([str(python), "main.py"], project.folder, variables)
    project.terraform("init", "-no-color")
    project.terraform("apply", "-no-color", "-auto-approve")

    done = run([str(python.with_name("taskrole")), "verify", "s"], project.folder, variables)
    assert "web" in done.stdout
    assert not project.has_changes()
