"""Compares the evaluator with npm's @cloud-copilot/iam-simulate, by feature, and explains every difference.

The result of iam-simulate is allow or deny, that of this project may be unknown. A difference is explained as in
`against_ministack`: by the fewest rewrites of the case that give the result of iam-simulate.

    python -m tests.differential.against_iam_simulate 5000 [first seed]
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.differential.against_ministack import ours
from tests.differential.by_feature import feature_case, feature_of
from tests.differential.differences import fewest
from tests.differential.generated import ALWAYS, Case
from tests.differential.iam_simulate_differences import DIFFERENCES
from tests.differential.tally import Tally, report

SCRIPT = Path(__file__).with_name("simulate.cjs")
# Replaces `*`, the resource of an action without resource types, which any pattern would match in iam-simulate.
NO_RESOURCE = "arn:aws:no-resource:::none"
ANSWERS = {"Allowed": "allow", "ExplicitlyDenied": "deny", "ImplicitlyDenied": "deny"}


def theirs(cases: Sequence[Case]) -> list[str]:
    """Return allow, deny or an error for each case."""
    lines = "".join(f"{json.dumps(_request(case))}\n" for case in cases)
    command = ["node", str(SCRIPT)]
    printed = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout
    results = [json.loads(line) for line in printed.splitlines()]
    assert len(results) == len(cases)
    return [ANSWERS.get(result, result) for result in results]


def _request(case: Case) -> dict[str, object]:
    return {
        "policies": case.documents,
        "boundary": case.boundary,
        "action": case.action,
        "resource": NO_RESOURCE if case.resource == "*" else case.resource,
        "context": {**ALWAYS, **case.context},
    }


def compare(count: int, first_seed: int = 0) -> Tally:
    """Return the tally of `count` cases."""
    tally = Tally()
    seeds = range(first_seed, first_seed + count)
    cases = [feature_case(seed) for seed in seeds]
    for seed, case, other in zip(seeds, cases, theirs(cases), strict=True):
        own = ours(case)
        tally.pairs += 1
        tally.features[feature_of(seed), own] += 1
        if own == other:
            tally.agreed[own] += 1
        elif name := explain(case, other):
            tally.explained[name] += 1
        else:
            tally.unexplained.append((seed, own, other))
    return tally


def explain(case: Case, other: str) -> str | None:
    """Return the fewest differences that turn the result of this evaluator into the other result."""
    return fewest(DIFFERENCES, case, lambda rewritten: ours(rewritten) == other)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(compare(*map(int, sys.argv[1:]))))
