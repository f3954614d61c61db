"""Tests that every error class is raised, and that no function raises a bare ValueError."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from taskrole.errors import Place, Problem

ROOT = Path(__file__).parent.parent
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted((ROOT / "taskrole").rglob("*.py"))
}
# The base classes of all errors.
BASES = {"TaskroleError"}


def raised(tree: ast.AST) -> Iterator[str]:
    """Yield the names of the classes that a file raises."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            function = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield ast.unparse(function).rpartition(".")[2]


def test_no_function_raises_a_bare_value_error() -> None:
    assert [file for file, tree in TREES.items() if {"ValueError", "Exception"} & {*raised(tree)}] == []


def test_every_error_class_is_raised() -> None:
    classes = {
        node.name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }

    assert len(classes) > 10
    assert classes - {name for tree in TREES.values() for name in raised(tree)} - BASES == set()


def test_raised_classes_are_read_from_the_code() -> None:
    source = "def f():\n    raise ValueError('x')\ndef g():\n    raise errors.InputError\ndef h():\n    raise\n"

    assert [*raised(ast.parse(source))] == ["ValueError", "InputError"]


def test_a_path_of_long_keys_is_shortened() -> None:
    problem = Problem(Place("roles.yaml", 1, 1, f"tags.{'[' * 2_000}"), "must be text")

    assert len(str(problem)) < 600
    assert str(problem).endswith("…: must be text")
