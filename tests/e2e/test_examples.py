"""Tests the examples with the real terraform."""

from __future__ import annotations

import json
import sys

from tests.e2e.project import ROOT, Project, run


def test_an_app_with_the_construct_is_valid_terraform(project: Project) -> None:
    output = project.folder / "cdktf.out"
    output.mkdir()
    app = ROOT / "examples" / "task_definition_app" / "main.py"
    run([sys.executable, str(app)], ROOT, {**project.variables, "CDKTF_OUTDIR": str(output)})
    (made,) = (output / "stacks").iterdir()
    project.stack = made.name
    project.terraform("init", "-no-color", "-backend=false")

    assert json.loads(project.terraform("validate", "-json").stdout)["diagnostics"] == []
