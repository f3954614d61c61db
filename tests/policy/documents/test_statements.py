"""Tests policy documents: canonical form, text and size."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrole.policy.documents.statements import (
    as_list,
    canonical,
    policy_document,
    policy_size,
    policy_text,
    statements_of,
    unwritable_character,
)

ACTIONS = st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "ecr:BatchGetImage"]), min_size=1, max_size=4)
STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {"Effect": st.just("Allow"), "Action": ACTIONS, "Resource": st.sampled_from(["*", "arn:aws:s3:::b/*"])}
    ),
    min_size=1,
    max_size=4,
)


def test_a_document_is_written_indented_with_keys_in_the_order_of_the_documentation() -> None:
    document = policy_document(
        [{"Resource": "*", "Action": ["logs:PutLogEvents", "ecr:GetAuthorizationToken"], "Effect": "Allow", "Sid": "A"}]
    )

    assert policy_text(document) == (
        "{\n"
        '  "Version": "2012-10-17",\n'
        '  "Statement": [\n'
        "    {\n"
        '      "Sid": "A",\n'
        '      "Effect": "Allow",\n'
        '      "Action": [\n'
        '        "ecr:GetAuthorizationToken",\n'
        '        "logs:PutLogEvents"\n'
        "      ],\n"
        '      "Resource": "*"\n'
        "    }\n"
        "  ]\n"
        "}"
    )


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_canonical_form_does_not_depend_on_the_order_of_a_document(statements, random) -> None:
    shuffled = [
        {**statement, "Action": random.sample(statement["Action"], len(statement["Action"]))}
        for statement in statements
    ]
    random.shuffle(shuffled)

    assert policy_document(shuffled) == policy_document(statements)


@given(STATEMENTS)
def test_the_canonical_form_is_stable(statements) -> None:
    document = policy_document(statements)

    assert canonical(document) == document
    assert json.loads(policy_text(document)) == document


def test_a_single_statement_without_a_list_is_read() -> None:
    document = {"Version": "2008-10-17", "Id": "x", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}

    assert canonical(document)["Statement"] == [{"Effect": "Deny", "Action": "*", "Resource": "*"}]
    assert canonical(document)["Version"] == "2008-10-17"


@pytest.mark.parametrize(("sid", "size"), [("A", 66), ("Ä", 66), ("AB", 67)])
def test_the_size_does_not_count_white_space_between_parts(sid: str, size: int) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": "Deny"}]}

    assert policy_size(document) == size
    assert policy_size(document) < len(policy_text(document))


def test_white_space_within_a_string_is_counted() -> None:
    assert policy_size(policy_document([{"Sid": "a b"}])) == policy_size(policy_document([{"Sid": "ab"}])) + 1


def test_a_document_without_a_version_has_the_old_version() -> None:
    assert canonical({"Statement": []}) == {"Version": "2008-10-17", "Statement": []}


def test_statements_and_values_may_be_given_without_a_list() -> None:
    statement = {"Effect": "Allow"}

    assert statements_of({"Statement": statement}) == statements_of({"Statement": [statement]}) == [statement]
    assert as_list("a") == as_list(["a"]) == ["a"]


@pytest.mark.parametrize(
    ("text", "character"),
    [("ok \t\r\n\x7fÿ", None), ("aĀ", "Ā"), ("a\x00", "\x00"), ("日", "日"), ("\ud800", "\ud800"), ("", None)],
)
def test_the_first_character_that_iam_refuses_is_found(text: str, character: str | None) -> None:
    assert unwritable_character(text) == character
