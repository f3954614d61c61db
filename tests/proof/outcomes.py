"""Counts of the outcomes of generated inputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcomes:
    """The number of inputs by outcome, and what is wrong, a line each; `slowest` is the most seconds of an input."""

    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
