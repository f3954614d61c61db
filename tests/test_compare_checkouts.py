"""Tests comparing two checkouts by the output, files and exit codes of verbs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A command line with a verb; tests change its text, exit code and written file.
PROGRAM = """
import sys
from pathlib import Path
if "--help" in sys.argv:
    print("  --format [text|json|\\n   sarif]")
    print("  --output FORMAT=FILE  Write the findings to a file too, as\\n   sarif; repeatable.")
    raise SystemExit
print("valid:", Path(sys.argv[sys.argv.index("--config") + 1]).read_text())
if "--output" in sys.argv:
    Path(sys.argv[-1].partition("=")[2]).write_text("[1]")
raise SystemExit(3)
"""


@pytest.fixture
def checkouts(tmp_path: Path) -> tuple[Path, Path]:
    before, after = tmp_path / "old", tmp_path / "new"
    for file, text in (
        ("taskrole/__init__.py", ""),
        ("taskrole/__main__.py", PROGRAM),
        ("examples/service/roles.yaml", "stacks: {}"),
        ("docs/rules.md", ""),
        ("docs/review-rules.md", ""),
    ):
        (before / file).parent.mkdir(parents=True, exist_ok=True)
        (before / file).write_text(text)
    shutil.copytree(before, after)
    return before, after


def compare(before: Path, after: Path) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "tools/compare_checkouts.py"), str(before), str(after), "--verb", "validate"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not result.stderr
    return result.returncode, result.stdout


def test_equal_outputs_are_no_difference(checkouts: tuple[Path, Path]) -> None:
    assert compare(*checkouts) == (0, "2 commands, 0 with differences\n")


@pytest.mark.parametrize(
    ("old", "new", "lines", "differing"),
    [
        ("valid:", "fine:", ["-valid: stacks: {}", "+fine: stacks: {}"], 2),
        ("SystemExit(3)", "SystemExit(1)", ["-exit code 3", "+exit code 1"], 2),
        ("[1]", "[2]", ["-[1]", "+[2]"], 1),
    ],
    ids=["words", "exit code", "written file"],
)
def test_a_difference_is_printed_with_its_command(
    checkouts: tuple[Path, Path], old: str, new: str, lines: list[str], differing: int
) -> None:
    program = checkouts[1] / "taskrole/__main__.py"
    program.write_text(program.read_text().replace(old, new))

    code, output = compare(*checkouts)

    assert code == 1
    assert output.endswith(f"2 commands, {differing} with differences\n")
    assert "$ taskrole validate --config examples/service/roles.yaml --format text" in output
    assert [line for line in output.splitlines() if line in lines] == lines * differing
