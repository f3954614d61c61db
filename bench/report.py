"""Formats sections of figures, and the page with all sections."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.targets import Target, summary, summary_lines


@dataclass(frozen=True)
class Row:
    """One or more figures of a measurement, and its command."""

    name: str
    figures: Sequence[str]
    command: str


@dataclass(frozen=True)
class Section:
    """The results of one benchmark module; `figures` are the titles of the columns.

    `targets` are the figures that the first table compares with the targets.
    """

    title: str
    explanation: str
    figures: Sequence[str]
    rows: Sequence[Row]
    targets: Sequence[Target] = ()


def page(sections: Iterable[Section], load: float) -> str:
    """Return the page as Markdown; `load` is the load average before the measurements."""
    sections = list(sections)
    targets = summary(target for section in sections for target in section.targets)
    return "\n".join([_heading(load), targets, *map(page_section, sections)])


def _heading(load: float) -> str:
    today = datetime.datetime.now(tz=datetime.timezone.utc).date()
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    facts = f"{today}, on {machine}, Python {platform.python_version()}, Node {node.removeprefix('v')}."
    return (
        "# Measured\n\n"
        f"Written by `python -m bench` (`make bench`) on {facts}\n"
        f"The load average was {load:.1f} before; on a machine that does other things at the same time, all figures\n"
        "are larger, and only those in one table compare. Memory is that of the largest process, in 10^6 bytes.\n"
    )


def page_section(section: Section) -> str:
    """Return a section as Markdown."""
    titles = ["", *section.figures, "command"]
    lines = [[row.name, *row.figures, f"`{row.command}`"] for row in section.rows]
    rule = ["---", *("---:" for _ in section.figures), "---"]
    cells = "\n".join(f"| {' | '.join(line)} |" for line in (titles, rule, *lines))
    return f"## {section.title}\n\n{section.explanation}\n\n{cells}\n"


def with_targets(page_text: str, section: Section) -> str:
    """Return a page whose first table has a section's targets, replacing those with the same names.

    A page without the table gets it before its first section; a section without targets has no effect.
    """
    if not section.targets:
        return page_text
    before, *sections = page_text.split("\n## ")
    table = summary(section.targets, summary_lines(page_text)).removeprefix("## ").strip("\n")
    has_table = bool(sections) and sections[0].startswith(table.partition("\n")[0])
    return "\n\n## ".join(text.strip("\n") for text in (before, table, *sections[has_table:])) + "\n"


def with_section(page_text: str, section: Section) -> str:
    """Return a page with a section, replacing the one with its title, or after all others."""
    before, *sections = page_text.split("\n## ")
    titles = [text.partition("\n")[0] for text in sections]
    place = titles.index(section.title) if section.title in titles else len(sections)
    sections[place : place + 1] = [page_section(section).removeprefix("## ")]
    return "\n\n## ".join(text.strip("\n") for text in (before, *sections)) + "\n"
