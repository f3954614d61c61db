"""`python -m bench [--small] [MODULE …]`: measure, print, and write RESULTS.md, whole or the named modules' sections.

`--small` measures a hundredth of each input once and writes nothing, to test the benchmarks.
"""

from __future__ import annotations

import compileall
import datetime
import importlib
import os
import sys
from dataclasses import replace
from pathlib import Path

from bench.report import Section, page, with_section, with_targets
from bench.sizes import SMALL

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).with_name("RESULTS.md")

# Each has a function `measure` that returns its Section, or None if its input is missing; in the order of the page.
MODULES = (
    "start_up", "synthesis", "derive", "check", "export", "evaluate", "review", "peers", "observe", "taskdefs",
    "proof",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Measure the named modules, or all, and write their sections; sections of single modules have the date."""
    is_small = "--small" in names
    names = [name for name in names if name != "--small"]
    if is_small:
        os.environ[SMALL] = "1"
    unknown = sorted({*names} - {*MODULES})
    if unknown:
        sys.stderr.write(f"bench: no such module: {', '.join(unknown)}; there are {', '.join(MODULES)}\n")
        return 1
    for folder in ("taskrole", "taskrole_cdktf", "stacks", "bench"):
        compileall.compile_dir(ROOT / folder, quiet=1)
    load = os.getloadavg()[0]
    sections: list[Section] = []
    for name in names or MODULES:
        sys.stderr.write(f"measuring: {name}\n")
        section = importlib.import_module(f"bench.{name}").measure()
        if section is None:
            sys.stderr.write(f"left out, since its input is not there: {name}\n")
        else:
            sections.append(section)
    text = page(sections, load)
    print(text)
    if is_small:
        return 0
    if names:
        today = datetime.datetime.now(tz=datetime.timezone.utc).date()
        text = RESULTS.read_text(encoding="utf-8")
        for section in sections:
            dated = f"Measured on {today}, at a load average of {load:.1f} before. {section.explanation}"
            text = with_section(with_targets(text, section), replace(section, explanation=dated))
    RESULTS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
