"""docs/roles-yaml.md: every key of the model, current."""

from __future__ import annotations

from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent.parent / "tools"


def test_the_page_of_all_keys_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))
    from write_roles_yaml_page import TARGET, page

    assert TARGET.read_text("utf-8") == page(), "run: python tools/write_roles_yaml_page.py"
