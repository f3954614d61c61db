"""Measures `export` and `show` with ten thousand roles."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.derive import ROOT
from bench.processes import marked, run
from bench.report import Row, Section
from bench.sizes import exponent, sized
from bench.synthesis import roles_yaml
from bench.targets import time_target

SIZES = (1_000, 10_000)
LIMIT = 4.0


def measure() -> Section:
    """Return what `export` and `show` cost for stacks of two sizes."""
    rows, targets = [], []
    with tempfile.TemporaryDirectory() as folder:
        for verb in ("export", "show"):
            seconds = []
            for size in map(sized, SIZES):
                file = Path(folder, f"{size}.yaml")
                file.write_text(roles_yaml(size), encoding="utf-8")
                options = ["bench", "--to", f"{folder}/module-{size}"] if verb == "export" else []
                command = [sys.executable, "-m", "taskrole", "--config", str(file), verb, *options]
                cost = run(command, cwd=ROOT)
                seconds.append((size, cost.seconds))
                grown = exponent(seconds[0], seconds[-1]) if len(seconds) > 1 else ""
                figures = (marked(cost), f"{cost.megabytes:.0f}", grown)
                rows.append(Row(f"{verb}, {size:,} roles", figures, f"taskrole --config {size}.yaml {verb}"))
            targets.append(time_target(f"{verb}, {SIZES[-1]:,} roles", cost, LIMIT))
    return Section(
        "Exporting",
        "Whole processes on the roles of `bench.synthesis.roles_yaml`; the exponent is of the time by the number of\n"
        "roles: 1.00 is in proportion.",
        ("seconds", "MB", "exponent"),
        rows,
        targets,
    )
