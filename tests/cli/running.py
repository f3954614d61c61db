"""The command line as people run it: a process of its own, its two outputs apart."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from tests.forked import run_taskrole

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "tests/expected/cli"
REWRITE = "TASKROLE_REWRITE_EXPECTED"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


def taskrole(*arguments: str, cwd: Path = ROOT, stdin: bytes = b"", **variables: str) -> Result:
    """Run taskrole in a terminal-less process of 80 columns."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **variables}
    done = run_taskrole(arguments, cwd, environment, stdin=stdin)
    result = Result(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in result.out + result.err, result.err
    return result


def assert_expected(name: str, text: str) -> None:
    """Fail with a diff where the text is not that of tests/expected/cli/NAME.

    `TASKROLE_REWRITE_EXPECTED=1` writes the file instead, to be read before it is committed.
    """
    path = FOLDER / name
    if os.environ.get(REWRITE) == "1":
        path.write_text(text, encoding="utf-8")
    expected = path.read_text("utf-8") if path.is_file() else ""
    lines = difflib.unified_diff(
        expected.splitlines(keepends=True), text.splitlines(keepends=True), f"expected/cli/{name}", "printed"
    )
    difference = "".join(lines)
    assert not difference, f"\n{difference}\nIf this is what should be: {REWRITE}=1 pytest tests/cli"
