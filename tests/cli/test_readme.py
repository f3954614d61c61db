"""The README shows what taskrole prints for the examples."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.cli.running import ROOT, taskrole

_BLOCK = re.compile(r"^```console\n\$ taskrole ((?:derive|check) examples/.*)\n((?:.*\n)*?)```$", re.MULTILINE)
BLOCKS = [(found[1], found[2].splitlines()) for found in _BLOCK.finditer((ROOT / "README.md").read_text("utf-8"))]


@pytest.mark.parametrize(("command", "lines"), BLOCKS, ids=[command.split()[0] for command, _ in BLOCKS])
def test_every_line_of_an_example_is_printed_in_this_order(command: str, lines: list[str]) -> None:
    printed = iter(taskrole(*shlex.split(command), COLUMNS="80").out.splitlines())

    shown = [line for line in lines if line != "…"]
    missing = [line for line in shown if not any(_is_shown(line, other) for other in printed)]

    assert missing == []


def _is_shown(line: str, printed: str) -> bool:
    """Return whether a line of the README, which may be cut at its end, is a printed one."""
    return printed.startswith(line[:-1]) if line.endswith("…") else printed == line


def test_both_verbs_have_an_example() -> None:
    assert [command.split()[0] for command, _ in BLOCKS] == ["derive", "check"]
