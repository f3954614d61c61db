"""Tests the public API: its names, the cost of its import, and the examples of its page."""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import taskrole

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/api.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_every_example_of_the_page_prints_what_it_shows(at_root: None) -> None:
    names: dict[str, Any] = {}

    for code, printed in EXAMPLES:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(code, "docs/api.md", "exec"), names)  # noqa: S102
        assert output.getvalue() == printed

    assert len(EXAMPLES) == PAGE.count("```python")


def test_the_examples_are_typed(tmp_path: Path) -> None:
    file = tmp_path / "examples.py"
    file.write_text("\n".join(code for code, _ in EXAMPLES), "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(file)], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert done.stdout == "Success: no issues found in 1 source file\n"


def test_the_page_names_all_of_the_api_and_nothing_else() -> None:
    imported = {
        name.strip()
        for line in re.findall(r"^from taskrole import (.+)$", PAGE, re.MULTILINE)
        for name in line.split(",")
    }
    described = set(re.findall(r"`(\w+)", PAGE))

    assert set(taskrole.__all__) <= imported | described
    assert imported <= set(taskrole.__all__)


def test_importing_the_package_imports_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import taskrole; print(*sorted(set(sys.modules) - before))"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)

    assert set(done.stdout.split()) - {"__future__"} == {"taskrole"}


def test_deriving_loads_neither_the_review_nor_the_check_nor_the_command_line() -> None:
    script = "import sys; from taskrole import derive, derived_roles; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)

    loaded = set(done.stdout.split())
    assert "taskrole.taskdef.derive" in loaded
    assert loaded.isdisjoint({"taskrole.review", "taskrole.check", "click", "pydantic", "boto3"})
    # Not even the recognition of plans: no other form was tried.
    assert {name for name in loaded if name.startswith("taskrole.plan")} == set()


def test_names_for_type_checkers_are_the_loaded_names() -> None:
    tree = ast.parse((ROOT / "taskrole/__init__.py").read_text("utf-8"))
    for_checkers = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("taskrole")
        for alias in node.names
    }

    assert for_checkers == taskrole._SOURCES
    assert sorted(for_checkers) == taskrole.__all__


@pytest.mark.parametrize("name", taskrole.__all__)
def test_every_name_exists_and_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(taskrole, name))
    assert name in dir(taskrole)


def test_no_public_name_is_the_name_of_a_module() -> None:
    modules = {path.stem for path in (ROOT / "taskrole").iterdir()}

    assert modules.isdisjoint(taskrole.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'taskrole' has no attribute 'derives'$"):
        taskrole.derives  # noqa: B018
