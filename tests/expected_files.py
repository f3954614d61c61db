"""Compares whole texts with expected files; a failure shows the difference.

`make expected` refreshes all of them; `TASKROLE_REWRITE_EXPECTED=1 pytest TEST` those of one test. Read the difference
before you commit it. Every test of a file that imports this module has the marker `expected`.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
EXPECTED = ROOT / "tests/expected"
REWRITE = "TASKROLE_REWRITE_EXPECTED"


def assert_expected(name: str, text: str) -> None:
    """Fail with a unified diff if the text differs from tests/expected/NAME."""
    assert_file(EXPECTED / name, text)


def assert_file(path: Path, text: str) -> None:
    """Fail with a unified diff if the text differs from a file of the repository."""
    if _rewrites():
        _write(path, text)
    expected = _read(path) if path.is_file() else ""
    _assert_same({path.relative_to(ROOT).as_posix(): (expected, text)})


def assert_expected_folder(name: str, files: Mapping[str, str]) -> None:
    """Fail with a unified diff if tests/expected/NAME does not have exactly these files, by their paths in it."""
    folder = EXPECTED / name
    expected = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if _rewrites():
        for path in expected.keys() - files.keys():
            expected.pop(path).unlink()
        for path, text in files.items():
            expected[path] = folder / path
            _write(folder / path, text)
    _assert_same(
        {
            f"tests/expected/{name}/{path}": (_read(expected[path]) if path in expected else "", files.get(path, ""))
            for path in sorted({*expected, *files})
        }
    )
    assert expected.keys() == files.keys()


@cache
def is_used_by(module: ModuleType) -> bool:
    """Return whether a test file compares expected files."""
    return any(getattr(value, "__module__", "") == __name__ for value in vars(module).values())


def _rewrites() -> bool:
    return os.environ.get(REWRITE) == "1"


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def _assert_same(files: Mapping[str, tuple[str, str]]) -> None:
    difference = "".join(
        line
        for path, (expected, actual) in files.items()
        for line in difflib.unified_diff(
            expected.splitlines(keepends=True), actual.splitlines(keepends=True), path, "actual"
        )
    )
    assert not difference, f"\n{difference}\nIf the change is intended, run `make expected`."
