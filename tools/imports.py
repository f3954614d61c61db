"""Reads the imports between modules of taskrole, at module level and in functions, and finds import cycles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = "taskrole"


@dataclass(frozen=True)
class Imports:
    """The modules that a module imports: at module level, including TYPE_CHECKING, and inside functions."""

    loaded: frozenset[str]
    in_functions: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """All imports."""
        return self.loaded | self.in_functions


def read_imports(root: Path = ROOT) -> dict[str, Imports]:
    """Return the imports between modules of the package, by dotted name.

    The package's own `__init__`, the public API, has no imports: it imports its names on first use.
    """
    files = {_name(path, root): path for path in sorted((root / PACKAGE).rglob("*.py"))}
    imports = {name: _imports_of(name, path, files.keys()) for name, path in files.items()}
    return {**imports, PACKAGE: Imports(frozenset(), frozenset())}


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports_of(name: str, path: Path, modules: Set[str]) -> Imports:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    loaded: set[str] = set()
    later: set[str] = set()
    for node, is_late in _import_statements(tree):
        imported = {module for module in _modules(node, package, modules) if module != name}
        (later if is_late else loaded).update(imported)
    return Imports(frozenset(loaded), frozenset(later - loaded))


def _import_statements(node: ast.AST, *, is_late: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield the import statements below a node, and whether each is in a function. Expressions have none."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_late
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _import_statements(child, is_late=is_late or is_function)


def _modules(node: ast.AST, package: str, modules: Set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")
        parts = [*above[: len(above) + 1 - node.level], node.module] if node.level else [node.module]
        base = ".".join(part for part in parts if part)
        named = {f"{base}.{alias.name}" for alias in node.names}
        yield from named & modules
        if base in modules and not named <= modules:
            yield base


def circle(graph: Mapping[str, Set[str]]) -> list[str]:
    """Return the nodes of a cycle in order, with the first one again at the end; empty without a cycle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
