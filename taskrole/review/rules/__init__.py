"""The catalogue of review rules; docs/review-rules.md is generated from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from taskrole.finding import Finding
from taskrole.review.rules import (
    drift_checks,
    drift_rules,
    federation,
    lifecycle,
    policies,
    reviewer,
    statement_rules,
    tasks,
    trust,
)
from taskrole.review.rules.rule import Check, ReviewedPlan, ReviewRule

__all__ = ["FAMILIES", "RULES", "UNRESOLVED_RULE", "ReviewRule", "ReviewedPlan", "check"]

# Not a rule, so it cannot be disabled or waived: the id of unknown values in formats that only list findings.
UNRESOLVED_RULE = ReviewRule(
    "unresolved",
    "warning",
    "A value is not known from the plan",
    "What it allows is known only after the apply, or depends on a policy that is not in the plan. It is counted and"
    " never ignored: with --strict the exit code is 4.",
    "make the value known before the apply, or approve it by its key in taskrole.review.yaml",
    "https://developer.hashicorp.com/terraform/internals/json-format#change-representation",
)

# Chapter title, rules, and the functions that check them.
FAMILIES: tuple[tuple[str, tuple[ReviewRule, ...], tuple[Check, ...]], ...] = (
    (
        "Who can assume a role",
        (*trust.RULES, *federation.RULES),
        (trust.check_opened, trust.check_deputy, federation.check_federation, federation.check_providers),
    ),
    (
        "Lifecycle of roles and policies",
        (*lifecycle.RULES, *drift_rules.RULES),
        (lifecycle.check_lifecycle, lifecycle.check_forgotten, drift_checks.check_drift),
    ),
    # Statements are checked with the policies.
    ("Statements", statement_rules.RULES, ()),
    ("Policies", policies.RULES, (policies.check_policies, policies.check_escalation)),
    (
        "Roles of tasks",
        tasks.RULES,
        (tasks.check_missing, tasks.check_excess, tasks.check_roles, tasks.check_task_definitions),
    ),
    ("The settings file of the review", reviewer.RULES, ()),
)

RULES: Mapping[str, ReviewRule] = MappingProxyType({rule.id: rule for _, rules, _ in FAMILIES for rule in rules})


def check(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield the findings of all rules about a plan."""
    for _, _, checks in FAMILIES:
        for rule_check in checks:
            yield from rule_check(reviewed)
