"""Counts of the comparisons with other evaluators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of a run by feature and by the names of the differences, joined if several are needed."""

    pairs: int = 0
    agreed: Counter[str] = field(default_factory=Counter)
    features: Counter[tuple[str, str]] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[int, str, str]] = field(default_factory=list)


def report(tally: Tally) -> Iterator[str]:
    """Yield the tally as lines of Markdown."""
    yield f"{tally.pairs:,} pairs, {sum(tally.agreed.values()):,} agree:"
    yield from (f"- {outcome}: {count:,}" for outcome, count in sorted(tally.agreed.items()))
    yield f"{sum(tally.explained.values()):,} differ for known reasons:"
    yield from (f"- {name}: {count:,}" for name, count in tally.explained.most_common())
    yield f"{len(tally.unexplained):,} unexplained"
    yield from (f"- seed {seed}: {own} here, {other} there" for seed, own, other in tally.unexplained[:20])
