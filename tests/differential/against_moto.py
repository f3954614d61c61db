"""Validates generated documents with moto, and explains every refusal.

moto refuses with the messages of IAM. It refuses either an oddity of the generator, whose result is unknown in this
project, or a form of the grammar of IAM that moto does not know.

    python -m tests.differential.against_moto 5000 [first seed]
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from tests.differential.differences import (
    OPERATOR_CASE,
    PAGES,
    UNKNOWN_OPERATOR,
    WILDCARD_PREFIX,
    Difference,
    each_operator,
    fewest,
)
from tests.differential.generated import Case, generate_case


@dataclass
class Tally:
    """Counts of a run by document."""

    documents: int = 0
    accepted: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[int, str]] = field(default_factory=list)


def refusal(document: Any) -> str | None:
    """Return the error of moto on a document, or None if it accepts it."""
    try:
        IAMPolicyDocumentValidator(json.dumps(document)).validate()
    except MalformedPolicyDocument as error:
        return str(error)
    return None


def validate(count: int, first_seed: int = 0) -> Tally:
    """Return the tally of the documents of `count` cases."""
    tally = Tally()
    for seed in range(first_seed, first_seed + count):
        case = generate_case(seed)
        for document in [*case.documents, *([case.boundary] if case.boundary else [])]:
            tally.documents += 1
            message = refusal(document)
            if message is None:
                tally.accepted += 1
                continue
            alone = replace(case, documents=(document,), boundary=None)
            name = fewest(DIFFERENCES, alone, lambda rewritten: refusal(rewritten.documents[0]) is None)
            if name is None:
                tally.unexplained.append((seed, message))
            else:
                tally.explained[name] += 1
    return tally


def _newest_version(case: Case) -> Case:
    return replace(case, documents=tuple({**document, "Version": "2012-10-17"} for document in case.documents))


def _numbers_as_text(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return operator, {
        key: str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        for key, value in pairs.items()
    }


DIFFERENCES = (
    Difference(
        "old version",
        "moto wants version 2012-10-17; IAM's grammar has 2008-10-17 too.",
        f"{PAGES}reference_policies_elements_version.html",
        _newest_version,
    ),
    Difference(
        "number",
        "moto refuses a number that stands alone as a condition's value; in IAM's grammar it needs no quotation marks.",
        f"{PAGES}reference_policies_grammar.html",
        each_operator(_numbers_as_text),
    ),
    Difference(
        "unknown operator",
        "An oddity: there is no such operator.",
        f"{PAGES}reference_policies_elements_condition_operators.html",
        UNKNOWN_OPERATOR,
    ),
    Difference(
        "operator case",
        "An oddity: operators have one spelling.",
        f"{PAGES}reference_policies_elements_condition_operators.html",
        OPERATOR_CASE,
    ),
    Difference(
        "wildcard in prefix",
        "An oddity: the prefix of an action is a service's, without wildcards.",
        f"{PAGES}reference_policies_grammar.html",
        WILDCARD_PREFIX,
    ),
)


def report(tally: Tally) -> Iterator[str]:
    """Yield the tally as lines of Markdown."""
    yield f"{tally.documents:,} documents, {tally.accepted:,} accepted"
    yield f"{sum(tally.explained.values()):,} refused for known reasons:"
    yield from (f"- {name}: {count:,}" for name, count in tally.explained.most_common())
    yield f"{len(tally.unexplained):,} unexplained"
    yield from (f"- seed {seed}: {message}" for seed, message in tally.unexplained[:20])


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(validate(*map(int, sys.argv[1:]))))
