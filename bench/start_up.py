"""Measures start-up: the fast start, the plain one, and an app without a provider."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.processes import Cost, marked, run, run_in_turn
from bench.report import Row, Section
from bench.sizes import repeated
from bench.targets import Target, time_target

ROOT = Path(__file__).parent.parent
TIMES = 9
MAIN = [sys.executable, str(ROOT / "main.py")]
HELP = [sys.executable, "-m", "taskrole", "--help"]


def measure() -> Section:
    """Return the cost of a run for the workshop's file, with four kinds of start."""
    subprocess.run([sys.executable, str(ROOT / "tools/warm_fast_start.py")], check=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bare = [sys.executable, str(ROOT / "bench/bare_app.py"), str(place / "bare")]
        # Suppresses the eleven-line warning on Node 20's end of life in the bare app.
        common = {"CDKTF_OUTDIR": str(place / "out"), "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
        warm = run_in_turn({"bare": bare, "main": MAIN, "help": HELP}, repeated(TIMES), cwd=ROOT, **common)
        plain = run(MAIN, cwd=ROOT, TASKROLE_FAST_START="0", **common)
        cold = run(MAIN, cwd=ROOT, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(place / "cache"), **common)
    floor = warm["bare"].seconds
    return Section(
        "Start-up",
        f"The file of the workshop: one role, four attachments. Medians of {repeated(TIMES)} runs in turn; plain and"
        " cold once.",
        ("seconds", "of the floor", "MB"),
        (
            _row("floor: an app without a provider", warm["bare"], floor, "python bench/bare_app.py OUT"),
            _row("fast start, warm", warm["main"], floor, "python main.py"),
            _row("plain start, warm", plain, floor, "TASKROLE_FAST_START=0 python main.py"),
            _row(
                "fast start, jsii's cache empty",
                cold,
                floor,
                "JSII_RUNTIME_PACKAGE_CACHE_ROOT=EMPTY python main.py",
            ),
            _row("the list of verbs", warm["help"], floor, "taskrole --help"),
        ),
        (
            Target(
                "synth, the workshop's file, of a bare app",
                warm["main"].seconds / floor,
                1.3,
                "-fold",
                warm["main"].runs,
            ),
            time_target("taskrole --help", warm["help"], 0.05),
        ),
    )


def _row(name: str, cost: Cost, floor: float, command: str) -> Row:
    return Row(name, (marked(cost), f"{cost.seconds / floor:.2f}-fold", f"{cost.megabytes:.0f}"), command)
