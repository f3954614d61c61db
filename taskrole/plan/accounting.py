"""The accounting of a plan: every change is explained, without effect on access, or not reviewed here.

A change is explained where its effect is in the rows, the trust or the findings of a report. It is without effect where
its type is on a dated list, or where only attributes change that cannot matter. Everything else is not reviewed: what
is not known is never passed.
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
    """A change that can matter for access and that a review does not look into; `why` is one clause.

    `category` groups them for people, such as "resource policies" or "types that are not known". `key` is of all that
    the plan says of the change but sensitive values: 16 hexadecimal digits, the same for the same change.
    """

    address: str
    type: str
    actions: tuple[str, ...]
    category: str
    why: str
    key: str = ""


@dataclass(frozen=True)
class Accounting:
    """How many changes of a plan are of each class; together they are all that the plan does.

    `not_reviewed` is also of the programs and requests that the configuration starts while planning.
    """

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
    """Yield the data sources of the configuration that act while planning, without those that are entries already."""
    for address, type_, why in commands.acting_data(configuration):
        if address not in seen:
            yield NotReviewed(address, type_, ("read",), COMMANDS, why)
