"""Compares the review of a plan with other readers of the same file: json.load, jq, and checkov if installed."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.processes import Cost, marked, run_in_turn
from bench.report import Row, Section
from bench.review import ROOT, write_plan
from bench.sizes import repeated, sized
from bench.targets import Target

SERVICES = 1_000
TIMES = 3
# The path of checkov, if it is not on PATH.
CHECKOV = "TASKROLE_BENCH_CHECKOV"
_LOAD = "import json, sys; json.load(open(sys.argv[1]))"
_CHECKOV = "checkov"


def commands(plan: Path) -> Mapping[str, list[str]]:
    """Return the installed commands by program name; each reads a whole plan."""
    jq, checkov = shutil.which("jq"), os.environ.get(CHECKOV) or shutil.which("checkov")
    review = ["-m", "taskrole", "review", str(plan), "--format", "json", "--fail-on", "never"]
    return {
        "taskrole review": [sys.executable, *review],
        "json.load": [sys.executable, "-c", _LOAD, str(plan)],
        **({"jq": [jq, "-c", "[.resource_changes[].type]", str(plan)]} if jq else {}),
        **({_CHECKOV: [checkov, "-f", str(plan), "-o", "json", "--quiet", "--soft-fail"]} if checkov else {}),
    }


def measure() -> Section:
    """Return the cost of each program for a plan with a thousand services with task definitions."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.json")
        size = write_plan(plan, "services", str(sized(SERVICES)))
        costs = run_in_turn(commands(plan), repeated(TIMES), cwd=ROOT)
    ours = costs["taskrole review"].seconds
    missing = [name for name in ("jq", _CHECKOV) if name not in costs]
    absent = f" Not there, and so not measured: {', '.join(missing)} ({CHECKOV}=PATH)." if missing else ""
    return Section(
        "Beside others",
        f"The plan of {sized(SERVICES):,} services, {size} (`bench.service_plan`), read by each in turn.{absent}",
        ("seconds", "of taskrole", "MB"),
        [_row(name, cost, ours) for name, cost in costs.items()],
        [Target("review, 1,000 services, of checkov", ours / costs[_CHECKOV].seconds, 1.0, "-fold", _runs(costs))]
        if _CHECKOV in costs
        else [],
    )


def _runs(costs: Mapping[str, Cost]) -> int:
    return min(cost.runs for cost in costs.values())


def _row(name: str, cost: Cost, ours: float) -> Row:
    return Row(
        name,
        (marked(cost), f"{cost.seconds / ours:.2f}-fold", f"{cost.megabytes:.0f}"),
        "python -m bench peers",
    )
