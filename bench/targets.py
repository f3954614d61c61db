"""Compares measured figures with their targets: the first table of RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.processes import Cost

TITLE = "Measured and wanted"
_HEAD = ("| | measured | wanted | of the wanted |", "| --- | ---: | ---: | ---: |")
_EXPLANATION = (
    "Of whole processes, from the command line to the last line of output. Below 1.00 is better than wanted. Single\n"
    "runs are marked; all others are medians."
)


@dataclass(frozen=True)
class Target:
    """A measured figure in `unit`, and its maximum."""

    name: str
    measured: float
    wanted: float
    unit: str = "s"
    runs: int = 1


def time_target(name: str, cost: Cost, wanted: float) -> Target:
    """Return the target for the time of a process, in seconds."""
    return Target(name, cost.seconds, wanted, "s", cost.runs)


def memory_target(name: str, cost: Cost, wanted: float) -> Target:
    """Return the target for the memory of a process, in megabytes."""
    return Target(f"{name}, memory", cost.megabytes, wanted, "MB", cost.runs)


def summary(targets: Iterable[Target], kept: Iterable[str] = ()) -> str:
    """Return the table as Markdown, with `kept` lines for figures that were not measured again."""
    measured = {target.name: _line(target) for target in targets}
    lines = [measured.pop(_name_of(line), line) for line in kept]
    return "\n".join((f"## {TITLE}", "", _EXPLANATION, "", *_HEAD, *lines, *measured.values(), ""))


def summary_lines(page: str) -> list[str]:
    """Return the rows of the table in a page; empty without the table."""
    _, heading, rest = page.partition(f"## {TITLE}\n")
    lines = rest.partition("\n## ")[0].splitlines() if heading else []
    return [line for line in lines if line.startswith("| ") and line not in _HEAD]


def _line(target: Target) -> str:
    def figure(value: float) -> str:
        return f"{value:,.0f} MB" if target.unit == "MB" else f"{value:,.2f}{_suffix(target.unit)}"

    mark = " (1 run)" if target.runs == 1 else ""
    ratio = f"{target.measured / target.wanted:.2f}"
    return f"| {target.name} | {figure(target.measured)}{mark} | {figure(target.wanted)} | {ratio} |"


def _suffix(unit: str) -> str:
    return unit if unit.startswith("-") else f" {unit}"


def _name_of(line: str) -> str:
    return line.split(" | ", maxsplit=1)[0].removeprefix("| ")
