"""Tests that the commands of docs/values.md print the shown output."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.page_commands import CONSOLE, with_current_output
from tests.cli.running import ROOT
from tests.expected_files import assert_file

PAGE = ROOT / "docs/values.md"
_JSON = re.compile(r"`web\.json`:\n\n```json\n(.*?)```", re.DOTALL)
_YAML = re.compile(r"(?<=`values\.yaml`:\n\n```yaml\n)(.*?)(?=```)", re.DOTALL)


def test_the_commands_of_the_page_print_the_shown_output(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    task = _JSON.search(page)
    assert task
    (tmp_path / "web.json").write_text(task[1])

    current = with_current_output(page, tmp_path)
    current = _YAML.sub(lambda _: (tmp_path / "values.yaml").read_text("utf-8"), current)

    assert_file(PAGE, current)
    assert len(CONSOLE.findall(page)) == 3
