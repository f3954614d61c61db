"""The CDKTF app of `taskrole init --cdktf`: this repository's own main.py, stacks and test, to be changed at will."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskrole.init.project import NewFile
from taskrole.init.templates import template_names, template_text

_PIPFILE = """\
[packages]
taskrole = {extras = ["cdktf"], version = "*"}

[dev-packages]
pytest = "*"
"""


def cdktf_files(path: Path) -> Mapping[Path, NewFile]:
    """Return the files of a CDKTF app beside roles.yaml, by their paths."""
    folder = path.parent
    stacks = folder / "stacks"
    return {
        folder / "main.py": NewFile(template_text("main.py"), "the CDKTF app: roles.yaml in, Terraform out"),
        folder / "cdktf.json": NewFile(template_text("cdktf.json"), "tells `cdktf` how to run it"),
        folder / "Pipfile": NewFile(_PIPFILE, "what it needs: PIPENV_VENV_IN_PROJECT=1 pipenv install --dev"),
        **{
            folder / name: NewFile(template_text(name), "the stacks, with provider, backend and outputs", stacks)
            for name in template_names("stacks")
        },
        folder / "tests" / "test_synth.py": NewFile(
            template_text("tests/stacks/test_synth.py"), "a test of what is synthesised: python -m pytest"
        ),
    }
