"""Tests hostile plans: they give a report or an error with a line for each problem."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.errors import InputError
from tests.amount import amount
from tests.review.cases import CASES, plan_data, report_text, reviewed

ODD = st.sampled_from(
    [
        None,
        True,
        5,
        -1.5,
        "",
        "*",
        "${",
        "${aws_x.y.arn}",
        "arn:aws:iam::",
        "\u202e\x1b[31m<!--`|",
        [],
        {},
        [None],
        [[]],
        {"a": 1},
        {"": {"": None}},
        [1, "x"],
        "{",
        '{"Statement": 5}',
        '{"Version": "2012-10-17", "Statement": [5, {}]}',
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in steps for place in places(child, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = odd


PLACES = {case: [place for place in places(plan_data(case)) if place] for case in CASES}


def report_or_error(plan: dict[str, Any]) -> str:
    try:
        return report_text(reviewed(plan))
    except InputError as error:
        return json.dumps(str(error))


@given(st.sampled_from(CASES).flatmap(lambda case: st.tuples(st.just(case), st.sampled_from(PLACES[case]))), ODD)
@settings(max_examples=amount(300))
def test_an_odd_value_anywhere_gives_a_report_or_an_input_error(case_and_place, odd_value) -> None:
    case, place = case_and_place
    plan = plan_data(case)
    put(plan, place, odd_value)
    output = json.loads(report_or_error(plan))
    assert isinstance(output, dict) or output.isprintable()


@pytest.mark.parametrize("arn", [[], {}, 5, None])
def test_the_arn_of_a_policy_may_be_any_value(arn: Any) -> None:
    plan = plan_data("modules")
    put(plan, ("resource_changes", 0, "change", "before", "arn"), arn)

    assert isinstance(json.loads(report_or_error(plan)), dict)


def test_the_name_of_a_provider_may_be_any_value() -> None:
    case, place = next((case, place) for case in CASES for place in PLACES[case] if place[-1] == "full_name")
    plan = plan_data(case)
    put(plan, place, [])

    assert json.loads(report_or_error(plan))


# Documents are strings in a plan; these have odd values inside.
TEXTS = {"policy", "assume_role_policy", "container_definitions"}
DOCUMENTS = [
    (case, place) for case in CASES for place in PLACES[case] if place[-1] in TEXTS and place[-2] in ("before", "after")
]


@given(st.sampled_from(DOCUMENTS), st.data(), ODD)
@settings(max_examples=amount(300))
def test_an_odd_value_in_a_document_gives_a_report_or_an_input_error(case_and_place, data, odd_value) -> None:
    case, place = case_and_place
    plan = plan_data(case)
    holder = plan
    for step in place[:-1]:
        holder = holder[step]
    document = json.loads(holder[place[-1]])
    put(document, data.draw(st.sampled_from([place for place in places(document) if place])), odd_value)
    holder[place[-1]] = json.dumps(document)
    output = json.loads(report_or_error(plan))
    assert isinstance(output, dict) or output.isprintable()


def relabelled(plan: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return json.loads(json.dumps(plan, ensure_ascii=False).replace(old, json.dumps(new)[1:-1]))


@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\u202eb", "a\nb", "a\x00b", "a`b", "@everyone", "<script>", "a|b"])
def test_messages_and_sentences_contain_no_control_characters(name) -> None:
    report = reviewed(relabelled(plan_data("trust-change"), "payments-execution", name))
    texts = [finding.message for finding in report.findings]
    texts += [row.sentence for role in report.roles for row in (*role.added, *role.removed)]
    texts += [clause for role in report.roles for clause in (*role.trust.added, *role.trust.removed)]
    assert all(text.isprintable() for text in texts)
