"""Tests that no input takes quadratic time, and that questions share a budget of steps."""

from __future__ import annotations

import io

import pytest

from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.json_stream import JsonStream, keep_all
from taskrole.plan.model import Plan
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.plan.templates import resolved_text
from taskrole.policy import patterns
from taskrole.policy.comparison.compare import compare
from taskrole.policy.comparison.permissions import Permission, read_permissions
from taskrole.policy.conditions.value_sets import literal_pattern
from taskrole.policy.conditions.variables import parse_template
from taskrole.policy.evaluation import excess
from taskrole.policy.evaluation.action_counts import actions_of_names, actions_of_permission, union
from taskrole.policy.pattern_index import PatternIndex
from taskrole.policy.patterns import contains, tokens
from taskrole.policy.policy_variables import PolicyVariable
from taskrole.policy.resource_arns import completed_arn
from taskrole.policy.search_budget import (
    MOST_QUESTIONS_KEPT,
    MOST_STEPS_TOGETHER,
    add_given_up,
    given_up_questions,
    take_steps,
)

# A scan to the end from each of them would take minutes.
OPENED = "${" * 150_000


def test_unclosed_variables_are_plain_text() -> None:
    assert tokens(OPENED) == tuple(OPENED)
    assert completed_arn(f"arn:aws:{OPENED}") == f"arn:aws:{OPENED}:*:*:*"


def test_variables_before_an_unclosed_one_are_variables() -> None:
    assert tokens("${a}b${") == (PolicyVariable("a"), "b", "$", "{")


def test_questions_of_a_comparison_share_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    def counted(number: int) -> None:
        steps.append(number)
        take_steps(number)

    monkeypatch.setattr(patterns, "take_steps", counted)

    with given_up_questions() as given_up:
        for number in range(200):
            assert not contains(f"s3:{'*a????????????' * 2}{number}*", f"s3:{'a*b' * 20}{number}")

    assert given_up
    assert MOST_STEPS_TOGETHER <= sum(steps) < MOST_STEPS_TOGETHER + 50_000


def test_the_number_of_cached_questions_is_limited() -> None:
    with given_up_questions() as given_up:
        for number in range(2 * MOST_QUESTIONS_KEPT):
            add_given_up([(f"{number}", "*")])

    assert len(given_up) == MOST_QUESTIONS_KEPT


def test_a_plain_question_is_answered_without_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "has_steps_left", lambda: False)

    with given_up_questions() as given_up:
        assert contains("s3:get*", "s3:getobject")
        assert not contains("s3:g*t*", "s3:p*")
        assert not given_up
        assert not contains("s3:*a*", "s3:b*a*")
        assert given_up == [("s3:*a*", "s3:b*a*")]


@pytest.mark.parametrize(
    "names", [["s3:*", "iam:PassRole"], ["-iam:*", "-s3:*"], ["-iam:*", "-iam:Get*", "sqs:SendMessage", "iam:GetRole"]]
)
def test_the_actions_of_several_patterns_are_those_of_each(names: list[str]) -> None:
    permissions = [_permission(name) for name in names]
    assert actions_of_names([permission.actions for permission in permissions]) == union(
        map(actions_of_permission, permissions)
    )


@pytest.mark.parametrize("text", [OPENED, f"{OPENED}}}", "%{" * 150_000])
def test_unclosed_templates_are_read_fast(text: str) -> None:
    plan = Plan("plan.json", "1.2", "1.10.0", "", (), ())

    assert resolved_text(text, "", Configuration(plan)) == (text if text == OPENED else None)


def test_unclosed_references_have_no_symbolic_value() -> None:
    configuration = Configuration(Plan("plan.json", "1.2", "1.10.0", "", (), ()))
    symbolic_arns = SymbolicArns(configuration, Places(configuration))

    assert symbolic_arns.substitute(OPENED) == OPENED
    assert symbolic_arns.substitute(f"${{{'module.a.' * 30_000}}}") == f"${{{'module.a.' * 30_000}}}"


def test_values_and_arns_with_unclosed_variables_are_read_fast() -> None:
    assert literal_pattern(f"{OPENED}*") == f"{OPENED}${{*}}"
    assert parse_template(OPENED, wildcards=True, variables=True).pieces == (OPENED,)


def test_an_index_names_all_patterns_that_contain_another() -> None:
    patterns = ["*", "s3:get*", "*abc*", "*abc*def", "a?c*", "${aws:x}*", "s3:*", "?", "*object", "ab*", "abc"]
    patterns += [f"sqs:other{number}" for number in range(20)]  # a few are not indexed
    inner = [*patterns, "s3:getobject", "s3:*abc?def", "xabc", "${aws:x}abc", "ab", ""]
    index = PatternIndex(patterns)

    for text in inner:
        possible = set(index.possible(text))
        assert {pattern for pattern in patterns if contains(pattern, text)} <= possible

    assert set(index.possible("s3:putobject")) == {"*", "?", "a?c*", "ab*", "${aws:x}*", "s3:*", "*object"}


def test_nulls_are_skipped_and_later_items_are_read() -> None:
    text = '{"a": [' + "null," * 1_000 + " 1, null ,null, 2, null]}"
    items = JsonStream(io.BytesIO(text.encode()), "x").walk(
        lambda path: "open" if len(path) < 2 else "value", lambda _: keep_all
    )
    values = [value for _, value in items]
    assert [value for value in values if value is not None] == [1, 2]
    assert len(values) < 5


def test_actions_of_many_permissions_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Permission] = []

    def counted(permission: Permission) -> frozenset[str]:
        asked.append(permission)
        return actions_of_permission(permission)

    monkeypatch.setattr(excess, "actions_of_permission", counted)
    everything = [{"Effect": "Allow", "Action": "*", "Resource": f"arn:aws:s3:::b{number}"} for number in range(50)]

    result = excess.excess([{"Version": "2012-10-17", "Statement": everything}], [])

    assert len(result.excess) > 10_000
    assert all(len(row.allowed) == 50 for row in result.excess)
    assert len(asked) == 1


def _permission(name: str) -> Permission:
    element = "NotAction" if name.startswith("-") else "Action"
    statement = {"Effect": "Allow", element: name.removeprefix("-"), "Resource": "*"}
    return read_permissions([{"Version": "2012-10-17", "Statement": [statement]}])[0][0]


def test_conditions_share_the_budget_and_abandoned_ones_are_reported() -> None:
    def document(first: int) -> dict[str, object]:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        numbers = range(first, 600, 2)
        conditions = ({"NumericEquals": {"aws:PrincipalTag/a": str(number)}} for number in numbers)
        return {
            "Version": "2012-10-17",
            "Statement": [{**statement, "Condition": condition} for condition in conditions],
        }

    comparison = compare([document(0)], [document(1)])

    assert comparison.verdict == "unresolved"
    assert comparison.unresolved == (
        "after: there are too many different conditions to compare all with the other side",
    )
