"""The rules of the review; docs/review-rules.md is made of this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from taskrole.finding import Finding
from taskrole.review.rules import (
    drift,
    drift_rules,
    federation,
    lifecycle,
    policies,
    reviewer,
    statement_rules,
    statements,
    tasks,
    trust,
)
from taskrole.review.rules.rule import Check, ReviewRule, Subject

__all__ = ["FAMILIES", "RULES", "UNRESOLVED_RULE", "ReviewRule", "Subject", "check"]

# No rule that can be switched off or waived: what outputs of findings alone call a value that is not known.
UNRESOLVED_RULE = ReviewRule(
    "unresolved",
    "warning",
    "A value that the plan does not tell",
    "What it will allow is known only after the apply, or stands in a policy that is not read here. It is counted, and"
    " never passed: with --strict the exit code is 4.",
    "make the value known before the apply, or approve it by its key in taskrole.review.yaml",
    "https://developer.hashicorp.com/terraform/internals/json-format#change-representation",
)

# Title, rules, and the checks that find what breaks them.
FAMILIES: tuple[tuple[str, tuple[ReviewRule, ...], tuple[Check, ...]], ...] = (
    (
        "Who may assume a role",
        (*trust.RULES, *federation.RULES),
        (trust.check_opened, trust.check_deputy, federation.check_federation, federation.check_providers),
    ),
    (
        "What becomes of roles and policies",
        (*lifecycle.RULES, *drift_rules.RULES),
        (lifecycle.check_lifecycle, lifecycle.check_forgotten, drift.check_drift),
    ),
    ("Statements", statement_rules.RULES, (statements.check_statements,)),
    ("Policies", policies.RULES, (policies.check_policies, policies.check_escalation)),
    (
        "Roles of tasks",
        tasks.RULES,
        (tasks.check_missing, tasks.check_excess, tasks.check_roles, tasks.check_task_definitions),
    ),
    ("The reviewer's own file", reviewer.RULES, ()),
)

RULES: Mapping[str, ReviewRule] = MappingProxyType({rule.id: rule for _, rules, _ in FAMILIES for rule in rules})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield all findings about a plan."""
    for _, _, checks in FAMILIES:
        for rule_check in checks:
            yield from rule_check(subject)
