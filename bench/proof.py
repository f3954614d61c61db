"""The figures of the last `make prove`, which the benchmarks do not repeat because it takes too long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.report import Row, Section

FIGURES = Path(__file__).with_name("proof.json")


def measure() -> Section:
    """Return the figures of the last proof."""
    rows = json.loads(FIGURES.read_text(encoding="utf-8"))["rows"]
    dates = sorted({row["date"] for row in rows})
    return Section(
        "Proof",
        "What holds for all task definitions, on generated ones, the evaluator beside others, and what kills, wrong\n"
        f"answers and hostile input leave: by `make prove`, recorded {_when(dates)}, in\n"
        f"{sum(row['seconds'] for row in rows):,} seconds. A seed makes its case again.",
        ("cases", "seeds", "broken by", "seconds"),
        [
            Row(
                row["name"],
                (f"{row['cases']:,}", row["seeds"], f"{row['broken']:,}", f"{row['seconds']:,}"),
                row["command"],
            )
            for row in rows
        ],
    )


def _when(dates: Sequence[str]) -> str:
    return f"on {dates[0]}" if len(dates) == 1 else f"from {dates[0]} to {dates[-1]}"
