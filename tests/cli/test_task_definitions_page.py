"""Tests that the commands of docs/task-definitions.md print the shown output."""

from __future__ import annotations

import re
from pathlib import Path

from taskrole.taskdef.forms.registry import forms
from tests.cli.page_commands import CONSOLE, with_current_output
from tests.cli.running import ROOT
from tests.expected_files import assert_file

PAGE = ROOT / "docs/task-definitions.md"
_TEMPLATE = re.compile(r"`template\.yaml`:\n\n```yaml\n(.*?)```", re.DOTALL)


def test_the_commands_of_the_page_print_the_shown_output(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    template = _TEMPLATE.search(page)
    assert template
    (tmp_path / "template.yaml").write_text(template[1])

    current = with_current_output(page, tmp_path)

    assert_file(PAGE, current)
    assert len(CONSOLE.findall(page)) == 2


def test_every_form_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8").lower()
    words = {
        "a task definition": "register-task-definition",
        "container definitions": "an array of container definitions",
        "an array of task definitions": "an array of anything",
        "a daemon task definition": "a daemon: input",
    }

    assert [form.name for form in forms() if words.get(form.name, form.name.split(" ", 1)[1]).lower() not in page] == []
