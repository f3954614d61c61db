"""The console commands in README.md and docs/*.md, with their shown output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^( *)```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CUT = ("…", "[...]")


class Shown(NamedTuple):
    """A command of a page, without its comment, and the lines below it."""

    page: Path
    command: str
    lines: list[str]


def commands(pages: Sequence[Path] = PAGES) -> Iterator[Shown]:
    """Yield the commands of pages in order."""
    for page in pages:
        for indent, block in _BLOCK.findall(page.read_text("utf-8")):
            lines = [line.removeprefix(indent) for line in block.splitlines()]
            starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
            for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
                yield Shown(page, re.sub(r"\s+# .*", "", lines[start].removeprefix("$ ")), lines[start + 1 : end])


def commands_of(page: str, *beginnings: str) -> list[Shown]:
    """Return the commands of a page, by its name, that begin with one of these, in order; at least one exists."""
    chosen = [command for command in commands() if command.page.name == page and command.command.startswith(beginnings)]
    assert chosen, f"{page} shows no such command: {beginnings}"
    return chosen


def not_printed(lines: Sequence[str], output: str) -> list[str]:
    """Return the lines of a page that a command does not print in this order."""
    printed = iter(output.splitlines())
    return [line for line in lines if line not in _CUT and not any(_is_shown(line, other) for other in printed)]


def _is_shown(line: str, printed: str) -> bool:
    """Return whether a line of a page, which may be shortened at its end, is printed."""
    return printed.startswith(line[:-1]) if line.endswith("…") else printed == line
