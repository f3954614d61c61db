"""What people see: words for every call that a rule asks for."""

from __future__ import annotations

import pytest

from taskrole.policy.evaluation.grant_calls import NEVER_CALLED
from taskrole.taskdef import RULES
from taskrole.taskdef.failures import FAILURES, TRUST_FAILURE, Failure, failure_of

ASKING = [rule for rule in RULES.values() if rule.kind in ("grant", "option") and rule.actions]


def with_ec2(failure: Failure) -> list[Failure]:
    return [failure, *([failure.on_ec2] if failure.on_ec2 else [])]


@pytest.mark.parametrize("key", FAILURES)
def test_words_are_those_of_a_rule_and_one_of_its_actions(key: str) -> None:
    rule, _, action = key.partition(" ")

    assert rule in RULES
    assert not action or ":" in action


@pytest.mark.parametrize("rule", ASKING, ids=lambda rule: rule.id)
@pytest.mark.parametrize("is_ec2", [False, True])
def test_every_call_of_a_rule_has_words_and_a_page(rule, is_ec2: bool) -> None:
    for action in rule.actions:
        failure = failure_of(rule.id, action, is_ec2=is_ec2)

        assert failure.words
        assert failure.page.startswith("https://")


def test_the_execution_role_serves_the_start_of_tasks_so_that_its_lack_stops_them() -> None:
    lost = {"logs:PutLogEvents"}

    going_on = {
        (rule.id, action)
        for rule in ASKING
        for action in rule.actions
        if "execution" in rule.roles and rule.id not in {*NEVER_CALLED, "SM-DENY", "TRUST"}
        if not failure_of(rule.id, action).stops
    }

    assert going_on == {("LOG-1", *lost), ("LOG-2", *lost)}


def test_words_have_no_account_of_anybody() -> None:
    for failure in [TRUST_FAILURE, *FAILURES.values()]:
        for one in with_ec2(failure):
            assert not any(part.isdigit() and len(part) == 12 for part in one.words.split(":"))


def test_what_nobody_calls_is_an_option_that_says_so() -> None:
    assert {RULES[rule].kind for rule in NEVER_CALLED} == {"option"}
