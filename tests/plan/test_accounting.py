"""The accounting of a plan: every change in exactly one class."""

from __future__ import annotations

from taskrole.plan.accounting import Accounting, NotReviewed, classify
from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Change, Plan


def plan_of(*changes: Change) -> Plan:
    return Plan("plan", "1.2", "1.11.4", "", changes, (), touched=changes)


def change_of(address: str, *actions: str) -> Change:
    type_, _, name = address.partition(".")
    return Change(address, type_, name, frozenset(actions), after={})


def test_a_change_that_the_report_accounts_for_is_explained():
    plan = plan_of(change_of("aws_iam_role.web", "create"))
    accounting, entries, unresolved = classify(plan, Configuration(plan), {"aws_iam_role.web"})
    assert accounting == Accounting(explained=1)
    assert (entries, unresolved) == ((), ())


def test_a_change_of_a_type_that_is_not_known_is_not_reviewed():
    plan = plan_of(change_of("acme_door.front", "delete", "create"))
    accounting, entries, _ = classify(plan, Configuration(plan), frozenset())
    assert accounting == Accounting(not_reviewed=1)
    assert entries == (
        NotReviewed(
            "acme_door.front", "acme_door", ("create", "delete"), "types that are not known", "its type is not known"
        ),
    )
