"""What the comparisons with other evaluators count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What a run counted, by feature and by the names of the differences, joined where it took several."""

    pairs: int = 0
    agreed: Counter[str] = field(default_factory=Counter)
    features: Counter[tuple[str, str]] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[int, str, str]] = field(default_factory=list)
