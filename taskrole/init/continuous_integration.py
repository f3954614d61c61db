"""The CI files of `taskrole init --ci`: those of docs/ci, for the folders of this project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from taskrole.init.project import NewFile
from taskrole.init.templates import template_text
from taskrole.init.terraform import ROOT

System = Literal["github", "gitlab"]
_EXAMPLE_FOLDER = "infra"
_FILL_IN = "put the address and commit of taskrole in place of example and of the zeros"


def ci_files(system: System, path: Path, *, terraform: bool) -> Mapping[Path, NewFile]:
    """Return the files of a CI system by their paths; with `terraform`, those that review the root module, too."""
    folder = path.parent
    if system == "gitlab":
        return {folder / ".gitlab-ci.yml": _reviewing("docs/ci/gitlab-terraform.yml")}
    workflows = folder / ".github" / "workflows"
    check = NewFile(template_text("docs/ci/github-check.yml"), f"checks each pull request; {_FILL_IN}")
    review = {workflows / "roles.yml": _reviewing("docs/ci/github-terraform.yml")} if terraform else {}
    return {workflows / "check-roles.yml": check, **review}


def _reviewing(name: str) -> NewFile:
    lines = template_text(name).splitlines(keepends=True)
    text = "".join(line.replace(_EXAMPLE_FOLDER, ROOT.as_posix()) for line in lines)
    return NewFile(text, f"reviews each plan of {ROOT.as_posix()}; {_FILL_IN}")
