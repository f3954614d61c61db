"""Runs the commands in the console blocks of a page, and replaces their output."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.running import taskrole

CONSOLE = re.compile(r"```console\n\$ taskrole (.*?)\n(.*?)```", re.DOTALL)


def with_current_output(page: str, folder: Path) -> str:
    """Return a page with the present output of its commands, run one after the other in a folder."""

    def printed(block: re.Match[str]) -> str:
        result = taskrole(*shlex.split(block[1]), cwd=folder)
        return f"```console\n$ taskrole {block[1]}\n{result.out}{result.err}```"

    return CONSOLE.sub(printed, page)
