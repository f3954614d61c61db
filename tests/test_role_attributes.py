"""Tests that a plain attribute of a role takes lines in three files: Role, roles.yaml and declare_role."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project_copies import copy_project, run_copy

_DESCRIBED = 'Field(None, description="Seconds, 3600 to 43200. Default: 3600")'
# An attribute of aws_iam_role that taskrole does not have, and one that IAM answers with and has no default.
INSERTIONS = {
    "taskrole/role.py": {
        "    max_session_duration: int = 3_600  # seconds": (
            "    force_detach_policies: bool = False\n    note: str | None = None"
        ),
        '    RoleAttribute("max_session_duration", ("MaxSessionDuration",)),': (
            '    RoleAttribute("force_detach_policies", label="detached policies"),\n'
            '    RoleAttribute("note", ("Note",)),'
        ),
    },
    "taskrole/config/model.py": {
        f"    max_session_duration: _Session | None = {_DESCRIBED}": (
            '    force_detach_policies: bool | None = Field(None, description="Default: false")\n'
            "    note: str | None = None"
        )
    },
    "taskrole_cdktf/declare.py": {"    max_session_duration: int": "    force_detach_policies: bool"},
}
FILE = """\
version: 1
defaults: {force_detach_policies: true}
stacks: {s: {region: eu-west-1, roles: {a: {kind: task, trust: off}}}}
"""
DECLARED = """\
from taskrole_cdktf import declare_role
print(declare_role("a", kind="task", region="eu-west-1", trust="off", force_detach_policies=True).force_detach_policies)
"""

ANSWERED = """\
from taskrole.live.answers import ANSWERS
from taskrole.role import answered_attributes
role = {"RoleName": "a", "Arn": "arn:aws:iam::111122223333:role/a", "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
check = ANSWERS["iam:GetRole"]
print(check({"Role": {**role, "Note": "x"}}, ""), answered_attributes({"Note": "x"})["note"],
      check({"Role": {**role, "Note": 7}}, ""))
"""


@pytest.fixture(scope="module")
def with_attribute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with another attribute of roles."""
    root = tmp_path_factory.mktemp("attribute")
    copy_project(root, INSERTIONS)
    return root


def test_show_prints_a_new_attribute_with_a_label(with_attribute: Path, tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(FILE)

    result = run_copy(with_attribute, tmp_path, "-m", "taskrole", "show")

    assert (result.returncode, result.stderr) == (0, "")
    assert "detached policies: True" in " ".join(result.stdout.split())


def test_a_new_attribute_is_read_from_the_answer_of_iam(with_attribute: Path, tmp_path: Path) -> None:
    result = run_copy(with_attribute, tmp_path, "-c", ANSWERED)

    assert (result.stdout, result.stderr) == ("None x Role.Note must be text; it is a number\n", "")


def test_an_exported_module_sets_a_new_attribute(with_attribute: Path, tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(FILE)

    result = run_copy(with_attribute, tmp_path, "-m", "taskrole", "export", "--to", "out")

    assert result.returncode == 0
    assert "force_detach_policies = true" in " ".join((tmp_path / "out/main.tf").read_text("utf-8").split())


def test_cdktf_sets_a_new_attribute(with_attribute: Path, tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(FILE)

    result = run_copy(with_attribute, tmp_path, str(with_attribute / "main.py"))

    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads((tmp_path / "cdktf.out/stacks/s/cdk.tf.json").read_text("utf-8"))
    assert document["resource"]["aws_iam_role"]["a"]["force_detach_policies"] is True


def test_declare_role_takes_a_new_attribute(with_attribute: Path, tmp_path: Path) -> None:
    result = run_copy(with_attribute, tmp_path, "-c", DECLARED)

    assert (result.stdout, result.stderr) == ("True\n", "")
