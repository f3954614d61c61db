"""Whole expected documents: compared as text, so that a failure shows what differs."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "expected" / "stacks"
REWRITE = "TASKROLE_REWRITE_EXPECTED"


def assert_expected(name: str, text: str) -> None:
    """Fail with a unified diff where the text is not that of tests/expected/stacks/NAME.

    `TASKROLE_REWRITE_EXPECTED=1` writes the file instead, to be read before it is committed.
    """
    path = FOLDER / name
    if os.environ.get(REWRITE) == "1":
        path.write_text(text, encoding="utf-8")
    expected = path.read_text("utf-8") if path.is_file() else ""
    difference = "".join(
        difflib.unified_diff(
            expected.splitlines(keepends=True), text.splitlines(keepends=True), f"expected/stacks/{name}", "synthesised"
        )
    )
    assert not difference, f"\n{difference}\nIf this is what should be: {REWRITE}=1 pytest tests/stacks"
