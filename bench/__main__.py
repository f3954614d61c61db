"""`python -m bench [MODULE …]`: measure, print, and write RESULTS.md: whole, or the sections of the modules named."""

from __future__ import annotations

import datetime
import importlib
import os
import sys
from dataclasses import replace
from pathlib import Path

from bench.report import Section, page, with_section

RESULTS = Path(__file__).with_name("RESULTS.md")

# Each has a function `measure` that returns its Section, or None where its input is not there. The page shows them in
# this order.
MODULES = ("start_up", "synthesis", "derive", "evaluate", "review", "observe", "taskdefs", "proof")


def main(names: list[str]) -> int:
    """Measure the modules that are named, or all, and write their sections; those of single modules with the date."""
    unknown = sorted({*names} - {*MODULES})
    if unknown:
        sys.stderr.write(f"bench: no such module: {', '.join(unknown)}; there are {', '.join(MODULES)}\n")
        return 1
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
    if names:
        today = datetime.datetime.now(tz=datetime.timezone.utc).date()
        text = RESULTS.read_text(encoding="utf-8")
        for section in sections:
            dated = f"Measured on {today}, at a load average of {load:.1f} before. {section.explanation}"
            text = with_section(text, replace(section, explanation=dated))
    RESULTS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
