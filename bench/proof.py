"""The figures of the last proof, as `make prove` recorded them: measuring does not repeat what takes so long."""

from __future__ import annotations

import json
from pathlib import Path

from bench.report import Row, Section

FIGURES = Path(__file__).with_name("proof.json")


def measure() -> Section:
    """Return what the last proof looked at."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    return Section(
        "Proof",
        "What holds for all task definitions, on generated ones, and the evaluator beside others: by `make prove` on\n"
        f"{figures['date']}, in {figures['seconds']:,} seconds. A seed makes its case again.",
        ("cases", "seeds", "broken by"),
        [
            Row(one["name"], (f"{one['cases']:,}", one["seeds"], f"{one['broken']:,}"), one["command"])
            for one in figures["rows"]
        ],
    )
