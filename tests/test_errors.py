"""Tests that every error class is raised, and that no function raises a bare ValueError."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from taskrole.errors import Place, Problem

ROOT = Path(__file__).parent.parent
# The base classes of all errors.
BASES = {"TaskroleError"}


@cache
def trees() -> dict[str, ast.AST]:
    """Return the files that raise an error or have an error class; others are not parsed, which takes a second."""
    texts = {path: path.read_text("utf-8") for path in sorted((ROOT / "taskrole").rglob("*.py"))}
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(text)
        for path, text in texts.items()
        if re.search(r"\braise\b|\bclass \w+Error\b", text)
    }


def raised(tree: ast.AST) -> Iterator[str]:
    """Yield the names of the classes that a file raises."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            function = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield ast.unparse(function).rpartition(".")[2]


def test_no_function_raises_a_bare_value_error() -> None:
    assert [file for file, tree in trees().items() if {"ValueError", "Exception"} & {*raised(tree)}] == []


def test_every_error_class_is_raised() -> None:
    classes = {
        node.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }

    assert len(classes) > 10
    assert classes - {name for tree in trees().values() for name in raised(tree)} - BASES == set()


def test_raised_classes_are_read_from_the_code() -> None:
    source = "def f():\n    raise ValueError('x')\ndef g():\n    raise errors.InputError\ndef h():\n    raise\n"

    assert [*raised(ast.parse(source))] == ["ValueError", "InputError"]


def test_a_path_of_long_keys_is_shortened() -> None:
    problem = Problem(Place("roles.yaml", 1, 1, f"tags.{'[' * 2_000}"), "must be text")

    assert len(str(problem)) < 600
    assert str(problem).endswith("…: must be text")
