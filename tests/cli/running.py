"""Runs the command line as users do: in its own process, with separate outputs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.forked import run_taskrole

ROOT = Path(__file__).parent.parent.parent


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
