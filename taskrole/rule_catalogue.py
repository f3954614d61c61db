"""All rules by id: those on task definitions, roles.yaml, accounts, recorded calls and plans."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.rule import Rule


def all_rules() -> tuple[Rule, ...]:
    """Return all rules, in the order of docs/rules.md and docs/review-rules.md."""
    # Imported late: the rules of the review import the evaluation of plans, which few commands need.
    from taskrole.review.rules import RULES as PLAN_RULES
    from taskrole.review.rules import UNRESOLVED_RULE
    from taskrole.taskdef import RULES as FIELD_RULES

    return (*FIELD_RULES.values(), *other_rules(), *PLAN_RULES.values(), UNRESOLVED_RULE)


def other_rules() -> tuple[Rule, ...]:
    """Return the rules on neither task definitions nor plans."""
    from taskrole.check.rules import RULES as CHECK_RULES
    from taskrole.config.rules import RULES as CONFIG_RULES
    from taskrole.live.rules import RULES as ACCOUNT_RULES
    from taskrole.lock_findings import RULES as LOCK_RULES
    from taskrole.observe.rules import RULES as CALL_RULES

    return (*CONFIG_RULES, *ACCOUNT_RULES, *CHECK_RULES, *CALL_RULES, *LOCK_RULES)


def rules_by_id() -> Mapping[str, Rule]:
    """Return all rules by id, in capitals."""
    return {rule.id.upper(): rule for rule in all_rules()}


def titles() -> Mapping[str, str]:
    """Return the titles of all rules by id."""
    return {rule.id: rule.title for rule in all_rules()}
