"""Tests that the move to CDK Terrain, made by tools/test_cdktn.py, changes a single file."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def test_only_the_packages_of_imports_are_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from test_cdktn import moved

    engine = (ROOT / "taskrole_cdktf" / "engine.py").read_text("utf-8")

    changes = [
        line for line in difflib.ndiff(engine.splitlines(), moved(engine).splitlines()) if line.startswith(("-", "+"))
    ]

    assert all(line[1:].strip().startswith("from cdkt") for line in changes)
    assert "from cdktf" not in moved(engine)
    renamed = {line.split()[2].partition(".")[0] for line in changes if line.startswith("+")}
    assert renamed == {"cdktn", "cdktn_provider_aws"}
