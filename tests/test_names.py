"""Tests that no two files of taskrole/ define the same public name."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Files of a folder that are used in the same way, by a registry or in place of each other, have the same names.
SAME_BY_PROTOCOL = {
    # Names that a registry reads from each file.
    "BACKEND": "taskrole/config/backends",
    "FEATURE": "taskrole/taskdef/features",
    "FORMS": "taskrole",
    "NAMES": "taskrole",
    "OPTIONS": "taskrole/taskdef/features/firelens/plugins",
    "PLUGINS": "taskrole/taskdef/features/firelens/plugins",
    "RULES": "taskrole",
    "SYNTAX": "taskrole",
    "schema": "taskrole",
    # Names of each format.
    "access_section": "taskrole/review/render",
    "code": "taskrole/output/escape",
    "key_line": "taskrole/review/render",
    "not_reviewed_section": "taskrole/review/render",
    "prose": "taskrole/output/escape",
    "unresolved_section": "taskrole/review/render",
    # Names that only type checkers read, and entry points.
    "TYPE_CHECKING": "taskrole",
    "main": "taskrole",
    "run": "taskrole",
}
# The public API has functions under the names of their packages.
API = "taskrole/api.py"


def public_names(source: str) -> set[str]:
    """Return the public names that a module defines at its top level.

    Commands of the command line are called like the verbs, and are left out.
    """
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not any(_is_command(decorator) for decorator in node.decorator_list):
                names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


@cache
def _names_of_files() -> dict[str, set[str]]:
    """Return the public names of each file of the package, by its path in the repository."""
    paths = sorted((ROOT / "taskrole").rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): public_names(path.read_text("utf-8")) for path in paths}


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith((".command", ".group"))


def test_every_public_name_is_defined_once() -> None:
    files = defaultdict(list)
    for file, names in _names_of_files().items():
        for name in names if file != API else ():
            if not (name in SAME_BY_PROTOCOL and file.startswith(f"{SAME_BY_PROTOCOL[name]}/")):
                files[name].append(file)

    assert {name: modules_of_name for name, modules_of_name in files.items() if len(modules_of_name) > 1} == {}


@pytest.mark.parametrize("name", SAME_BY_PROTOCOL)
def test_an_exception_is_still_needed(name: str) -> None:
    folder = SAME_BY_PROTOCOL[name]

    defining = [file for file, names in _names_of_files().items() if file.startswith(f"{folder}/") and name in names]

    assert len(defining) > 1


def test_public_names_are_read_from_the_code() -> None:
    source = (
        "A = 1\n_B = 2\nC: int = 3\ndef d(): ...\nclass E: ...\nasync def f(): ...\nif A:\n    G = 1\n"
        "@click.command()\ndef verb(): ...\n@local.command('up')\ndef start(): ...\n@cache\ndef h(): ...\n"
    )

    assert public_names(source) == {"A", "C", "d", "E", "f", "h"}
