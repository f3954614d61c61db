"""docs/values.md: its commands print what it says that they print."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from tests.cli.running import REWRITE, ROOT, taskrole

PAGE = ROOT / "docs/values.md"
_JSON = re.compile(r"`web\.json`:\n\n```json\n(.*?)```", re.DOTALL)
_YAML = re.compile(r"(?<=`values\.yaml`:\n\n```yaml\n)(.*?)(?=```)", re.DOTALL)
_CONSOLE = re.compile(r"```console\n\$ taskrole (.*?)\n(.*?)```", re.DOTALL)


def test_the_commands_of_the_page_print_what_it_says(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    task = _JSON.search(page)
    assert task
    (tmp_path / "web.json").write_text(task[1])

    def printed(block: re.Match[str]) -> str:
        result = taskrole(*shlex.split(block[1]), cwd=tmp_path)
        return f"```console\n$ taskrole {block[1]}\n{result.out}{result.err}```"

    current = _CONSOLE.sub(printed, page)
    current = _YAML.sub(lambda _: (tmp_path / "values.yaml").read_text("utf-8"), current)

    if os.environ.get(REWRITE) == "1":
        PAGE.write_text(current, "utf-8")
    assert current == PAGE.read_text("utf-8"), f"{REWRITE}=1 pytest {Path(__file__).name}"
    assert len(_CONSOLE.findall(page)) == 3
