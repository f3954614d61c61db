"""The CI files of `taskrole init --ci`: those of docs/ci, for the folders and the stack of this project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from taskrole.init.project import NewFile
from taskrole.init.roles import STACK
from taskrole.init.templates import template_text
from taskrole.init.terraform import ROOT

System = Literal["github", "gitlab"]
_EXAMPLE_FOLDER = "infra"
_EXAMPLE_STACK = "[workshop]"
_FILL_IN = "put the address and commit of taskrole in place of example and of the zeros"
_SET_VARIABLES = "set the variables that it names"


def ci_files(system: System, path: Path, *, terraform: bool, cdktf: bool) -> Mapping[Path, NewFile]:
    """Return the files of a CI system by their paths.

    With `terraform` they review the root module, with `cdktf` each stack of the app. GitLab has one file: with both, it
    reviews the root module.
    """
    folder = path.parent
    if system == "gitlab":
        is_app = cdktf and not terraform
        return {folder / ".gitlab-ci.yml": _gitlab_stacks() if is_app else _reviewing("docs/ci/gitlab-terraform.yml")}
    workflows = folder / ".github" / "workflows"
    check = NewFile(template_text("docs/ci/github-check.yml"), f"checks each pull request; {_FILL_IN}")
    files = {workflows / "check-roles.yml": check}
    if terraform:
        files[workflows / "roles.yml"] = _reviewing("docs/ci/github-terraform.yml")
    if cdktf:
        files[workflows / "cdktf-roles.yml"] = NewFile(
            template_text("docs/ci/github-cdktf.yml"), f"reviews the plan of each stack; {_FILL_IN}"
        )
    return files


def _gitlab_stacks() -> NewFile:
    text = template_text("docs/ci/gitlab-cdktf.yml").replace(_EXAMPLE_STACK, f"[{STACK}]")
    return NewFile(text, f"reviews the plan of stack {STACK}; {_SET_VARIABLES}")


def _reviewing(name: str) -> NewFile:
    lines = template_text(name).splitlines(keepends=True)
    text = "".join(line.replace(_EXAMPLE_FOLDER, ROOT.as_posix()) for line in lines)
    return NewFile(text, f"reviews each plan of {ROOT.as_posix()}; {_FILL_IN}")
