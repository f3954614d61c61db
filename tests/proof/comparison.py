"""Checks the comparison of policies with the evaluator: a narrowing verdict allows no new request.

A change is compared, and every request of a small model is evaluated before and after: each action on each resource,
with each value of the condition keys of the policies.

    python -m tests.proof.comparison 5000 [first seed]
"""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from taskrole.policy.comparison.compare import Verdict, compare
from taskrole.policy.evaluation.evaluate import compile_policies
from taskrole.policy.evaluation.request import Request
from tests.policy_documents import inline_policies
from tests.proof.policy_changes import ACTIONS, KEYS, RESOURCES, USERNAMES, Change, policy_change

# If more contexts are possible, this number is drawn.
MOST_CONTEXTS = 24
NARROWER: tuple[Verdict, ...] = ("narrows", "neutral", "no-change")
RANK = ("deny", "cannot tell", "allow")


@dataclass
class Tally:
    """Counts of verdicts, and wrong verdicts by seed."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    wrong: list[tuple[int, str]] = field(default_factory=list)


def check(seeds: Iterable[int]) -> Tally:
    """Return the tally of the changes of some seeds."""
    tally = Tally()
    for seed in seeds:
        change = policy_change(seed)
        verdict = compare(change.before, change.after, change.boundary_before, change.boundary_after).verdict
        tally.verdicts[verdict] += 1
        problem = wrong(seed, change, verdict)
        if problem:
            tally.wrong.append((seed, problem))
    return tally


def unproved(seeds: Iterable[int]) -> tuple[int, int]:
    """Return the number of changes that allow no new request in the small model, and of those without a proof."""
    verdicts = [
        compare(change.before, change.after, change.boundary_before, change.boundary_after).verdict
        for seed in seeds
        if is_narrower(seed, change := policy_change(seed))
    ]
    return len(verdicts), sum(verdict not in NARROWER for verdict in verdicts)


def violations(seeds: Iterable[int]) -> list[str]:
    """Return the changes with a wrong narrowing or neutral verdict, a line each."""
    return [f"seed {seed}: {what}" for seed, what in check(seeds).wrong]


def wrong(seed: int, change: Change, verdict: Verdict) -> str | None:
    """Return a request that contradicts a verdict, or None.

    A request that is unknown afterwards must have been unknown or allowed, since an unknown request may be allowed.
    """
    if verdict not in NARROWER:
        return None
    for request, before, after in _answers(seed, change):
        if after > before or (after < before and verdict != "narrows"):
            return f"{verdict}, but {RANK[before]} becomes {RANK[after]}: {request}"
    return None


def is_narrower(seed: int, change: Change) -> bool:
    """Return whether no new request is allowed, or unknown, after the change."""
    return all(after <= before for _, before, after in _answers(seed, change))


def _answers(seed: int, change: Change) -> Iterator[tuple[Request, int, int]]:
    old = compile_policies(inline_policies(change.before), change.boundary_before)
    new = compile_policies(inline_policies(change.after), change.boundary_after)
    contexts = _contexts(seed, change)
    for action, resource, context in itertools.product(ACTIONS, RESOURCES, contexts):
        request = Request(action, resource, context, complete=True)
        yield request, RANK.index(old.evaluate(request).outcome), RANK.index(new.evaluate(request).outcome)


def _contexts(seed: int, change: Change) -> list[dict[str, tuple[str, ...]]]:
    text = str(change)
    values: dict[str, Any] = {key: KEYS[key].given for key in sorted(KEYS) if key in text}
    if "sername" in text:
        values["aws:username"] = USERNAMES
    every = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    return every if len(every) <= MOST_CONTEXTS else random.Random(f"contexts {seed}").sample(every, MOST_CONTEXTS)


def report(tally: Tally) -> Iterator[str]:
    """Yield the tally as lines."""
    yield f"{dict(sorted(tally.verdicts.items()))}"
    yield from (f"seed {seed}: {what}" for seed, what in tally.wrong[:20])


if __name__ == "__main__":
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    sys.stdout.writelines(f"{line}\n" for line in report(check(range(first, first + count))))
    narrower, missed = unproved(range(first, first + min(count, 1_000)))
    sys.stdout.write(f"of the first changes, {narrower:,} allow nothing new, of which {missed:,} are not proved\n")
