"""Classifies every change of a plan as explained, without effect on access, or not reviewed.

A change is explained if a row, a trust change or a finding of the report shows its effect. It is without effect if its
type is on a dated list, or if only attributes change that do not affect access. All other changes are not reviewed.
Unknown types are never assumed to be safe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from taskrole.dataclass import dataclass
from taskrole.plan import commands
from taskrole.plan.access_categories import COMMANDS
from taskrole.plan.change_classes import Classes
from taskrole.plan.configuration import Configuration
from taskrole.plan.fingerprint import fingerprint_of
from taskrole.plan.model import Change, Plan, Unresolved


@dataclass(frozen=True)
class NotReviewed:
    """A change that can affect access and that a review does not evaluate; `why` is one clause.

    `category` groups changes in reports, such as "resource policies" or "unknown types". `key` hashes all values of the
    change except sensitive ones: 16 hexadecimal digits, the same for the same change.
    """

    address: str
    type: str
    actions: tuple[str, ...]
    category: str
    why: str
    key: str = ""


@dataclass(frozen=True)
class Accounting:
    """The number of changes in each class; every change of the plan is in exactly one.

    `not_reviewed` also counts the programs and requests that data sources run during the plan.
    """

    explained: int = 0
    without_effect: int = 0
    not_reviewed: int = 0


def classify(
    plan: Plan, configuration: Configuration, explained: Collection[str]
) -> tuple[Accounting, tuple[NotReviewed, ...], tuple[Unresolved, ...]]:
    """Return the count per class, the changes that are not reviewed, and those that create IAM resources out of view.

    `explained` are the addresses of the roles, policies, documents and workloads that the report covers. Both lists are
    sorted by address.
    """
    classes = Classes(plan, configuration, frozenset(explained))
    counts: Counter[str] = Counter()
    entries: list[NotReviewed] = []
    unresolved: list[Unresolved] = []
    for change in plan.touched:
        verdict = classes.of(change)
        if isinstance(verdict, str):
            counts[verdict] += 1
        else:
            entries.append(_entry(change, *verdict))
            unseen = classes.unseen(change)
            unresolved += [Unresolved(change.address, *unseen, entries[-1].key)] if unseen else []
    entries += _acting_data(configuration, {entry.address.partition("[")[0] for entry in entries})
    entries.sort(key=lambda entry: (entry.address, entry.actions, entry.key))
    unresolved.sort(key=lambda value: (value.address, value.attribute, value.key))
    accounting = Accounting(counts["explained"], counts["without effect"], len(entries))
    return accounting, tuple(entries), tuple(unresolved)


def _entry(change: Change, category: str, why: str) -> NotReviewed:
    actions = tuple(sorted(change.actions))
    return NotReviewed(change.address, change.type, actions, category, why, fingerprint_of(change))


def _acting_data(configuration: Configuration, seen: Collection[str]) -> Iterator[NotReviewed]:
    """Yield the data sources that have side effects during the plan, except those already listed."""
    for address, type_, why in commands.acting_data(configuration):
        if address not in seen:
            yield NotReviewed(address, type_, ("read",), COMMANDS, why)
