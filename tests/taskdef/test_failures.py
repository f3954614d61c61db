"""Tests the failure texts: one for every call that a rule grants."""

from __future__ import annotations

import pytest

from taskrole.policy.evaluation.grant_calls import NEVER_CALLED
from taskrole.taskdef import RULES
from taskrole.taskdef.failures import FAILURES, TRUST_FAILURE, failure_of
from tests.taskdef.failures import with_ec2

ASKING = [rule for rule in RULES.values() if rule.kind in ("grant", "option") and rule.actions]


@pytest.mark.parametrize("key", FAILURES)
def test_every_key_of_the_failure_texts_is_a_rule_or_a_rule_and_action(key: str) -> None:
    rule, _, action = key.partition(" ")

    assert rule in RULES
    assert not action or ":" in action


@pytest.mark.parametrize("rule", ASKING, ids=lambda rule: rule.id)
@pytest.mark.parametrize("is_ec2", [False, True])
def test_every_call_of_a_rule_has_a_failure_text_and_a_page(rule, is_ec2: bool) -> None:
    for action in rule.actions:
        failure = failure_of(rule.id, action, is_ec2=is_ec2)

        assert failure.words
        assert failure.page.startswith("https://")


def test_every_missing_permission_of_the_execution_role_but_put_log_events_stops_the_task() -> None:
    lost = {"logs:PutLogEvents"}

    going_on = {
        (rule.id, action)
        for rule in ASKING
        for action in rule.actions
        if "execution" in rule.roles and rule.id not in {*NEVER_CALLED, "SM-DENY", "TRUST"}
        if not failure_of(rule.id, action).stops
    }

    assert going_on == {("LOG-1", *lost), ("LOG-2", *lost)}


def test_failure_texts_contain_no_account() -> None:
    for failure in [TRUST_FAILURE, *FAILURES.values()]:
        for variant in with_ec2(failure):
            assert not any(part.isdigit() and len(part) == 12 for part in variant.words.split(":"))


def test_permissions_without_a_call_belong_to_options() -> None:
    assert {RULES[rule].kind for rule in NEVER_CALLED} == {"option"}
