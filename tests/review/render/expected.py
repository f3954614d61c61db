"""Whole expected outputs: compared as text, so that a failure shows what differs."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "expected" / "render"
REWRITE = "TASKROLE_REWRITE_EXPECTED"


def assert_expected(name: str, text: str) -> None:
    """Fail with a unified diff where the text is not that of tests/expected/render/NAME.

    `TASKROLE_REWRITE_EXPECTED=1` writes the file instead, to be read before it is committed.
    """
    path = FOLDER / name
    if os.environ.get(REWRITE) == "1":
        path.write_text(text, encoding="utf-8", newline="")
    expected = path.read_text("utf-8") if path.is_file() else ""
    difference = "".join(
        difflib.unified_diff(
            expected.splitlines(keepends=True), text.splitlines(keepends=True), f"expected/render/{name}", "rendered"
        )
    )
    assert not difference, f"\n{difference}\nIf this is what should be: {REWRITE}=1 pytest tests/review/render"
