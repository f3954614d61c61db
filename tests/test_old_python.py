"""Tests that a Python that is too old prints a single line."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OLDEST_SYNTAX = (3, 6)
BEGINNINGS = ("taskrole/__init__.py", "taskrole/__main__.py", "taskrole/python_version.py", "main.py")
_AS_OLD = "import sys; sys.version_info = (3, 9, 18, 'final', 0); import runpy; "
RUNS = {
    "python -m taskrole": "runpy.run_module('taskrole', run_name='__main__')",
    "main.py": f"runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def old_pythons() -> list[str]:
    """Return the versions of Python below 3.10 on the path."""
    names = [f"python3.{minor}" for minor in range(OLDEST_SYNTAX[1], 10)]
    return [name for name in names if _runs(name)]


def _runs(name: str) -> bool:
    try:
        return run(name, "-c", "").returncode == 0
    except OSError:
        return False


@pytest.mark.parametrize("program", RUNS.values(), ids=RUNS)
def test_an_old_python_gets_one_line_and_exit_code_1(program: str) -> None:
    done = run(sys.executable, "-c", _AS_OLD + program)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "taskrole needs Python 3.10 or newer; this is 3.9.18\n"


def test_old_pythons_of_this_machine_print_that_line() -> None:
    for name in old_pythons():
        for arguments in (["-m", "taskrole", "--version"], [str(ROOT / "main.py")]):
            done = run(name, *arguments)

            assert (done.returncode, done.stdout) == (1, ""), done.stderr
            assert done.stderr.startswith("taskrole needs Python 3.10 or newer; this is 3.")
            assert done.stderr.count("\n") == 1


def test_public_names_raise_an_import_error_with_that_line() -> None:
    done = run(sys.executable, "-c", _AS_OLD + "import taskrole; taskrole.derive")

    assert done.stderr.splitlines()[-1] == "ImportError: taskrole needs Python 3.10 or newer; this is 3.9.18"


def test_modules_read_before_the_check_have_the_syntax_of_old_pythons() -> None:
    files = "(module.__file__ for name, module in sys.modules.items() if name.startswith('taskrole'))"
    listing = f"\ntry:\n    %s\nexcept SystemExit:\n    print(*{files})"
    loaded = {
        str(Path(file).relative_to(ROOT))
        for program in RUNS.values()
        for file in run(sys.executable, "-c", _AS_OLD + listing % program).stdout.split()
    }

    assert loaded <= set(BEGINNINGS)
    for name in BEGINNINGS:
        text = (ROOT / name).read_text("utf-8")
        ast.parse(text, feature_version=OLDEST_SYNTAX)
        # Python 3.6 lacks it.
        assert "from __future__ import annotations" not in text
