"""Tests that docs/cdktf.md lists referable attributes, and the arguments of EcsTaskRoles."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import taskrole_cdktf
from taskrole.symbolic_forms import _FORMS
from taskrole_cdktf.declare import SharedArguments

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/cdktf.md").read_text("utf-8")


def test_the_page_lists_every_referable_attribute() -> None:
    rows = re.findall(r"^\| `(aws_\w+)` \| (.+) \|$", PAGE, re.MULTILINE)

    assert {(type_, attribute) for type_, row in rows for attribute in re.findall(r"`(\w+)`", row)} == set(_FORMS)


def test_the_page_lists_every_argument() -> None:
    module = ast.parse((ROOT / "taskrole_cdktf/task_roles.py").read_text("utf-8"))
    (init,) = (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name == "__init__")

    arguments = {argument.arg for argument in init.args.kwonlyargs} | set(SharedArguments.__annotations__)

    rows = re.search(r"\| argument \|.*?\n\n", PAGE, re.DOTALL)
    assert rows
    assert arguments == set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.+?) \|", rows[0], re.MULTILINE))))


def test_the_page_names_every_public_name_of_the_library() -> None:
    assert [name for name in taskrole_cdktf.__all__ if f"| `{name}` |" not in PAGE] == []
    assert all(getattr(taskrole_cdktf, name).__doc__ for name in taskrole_cdktf.__all__)
