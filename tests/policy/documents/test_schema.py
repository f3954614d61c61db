"""Tests the shape of policy documents: the type of each element, and forbidden texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrole.config.load import parse_config
from taskrole.errors import InputError
from taskrole.plan.known_document import known_document
from taskrole.policy.documents.schema import LARGEST_TEXT, document_problem, parse_policy
from taskrole.policy.documents.statements import canonical

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}


def document(**parts: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{**ALLOW, **parts}]}


@pytest.mark.parametrize(
    "policy",
    [
        {"Statement": []},
        {"Statement": ALLOW, "Id": "x", "Version": "2008-10-17"},
        document(Sid="", Action=[], Resource=["a", "b"]),
        document(Principal="*"),
        document(NotPrincipal={"AWS": ["a"], "CanonicalUser": "b", "Federated": "c", "Service": []}),
        document(Condition={}),
        document(Condition={"New": {"k": [1, 1.5, True, "x"], "l": False, "m": []}, "Other": {}}),
    ],
)
def test_a_document_that_iam_accepts_has_no_problem(policy: dict[str, Any]) -> None:
    assert document_problem(policy) is None
    assert parse_policy(json.dumps(policy)) == policy


TEXTS = "must be text or a list of text; got"
CONDITION = "must be text, a finite number, a boolean or a list; got"
MALFORMED = {
    "a list of lists": ({"Action": [["x"]]}, f"Action {TEXTS} [['x']]"),
    "no action": ({"Action": None}, f"Action {TEXTS} None"),
    "an object for resources": ({"Resource": {}}, f"Resource {TEXTS} {{}}"),
    "a number among resources": ({"NotResource": ["*", 1]}, f"NotResource {TEXTS} ['*', 1]"),
    "a condition of text": ({"Condition": "x"}, "Condition must be an object of operators; got 'x'"),
    "an operator of text": (
        {"Condition": {"Bool": "x"}},
        "Condition 'Bool' must be an object of keys and values; got 'x'",
    ),
    "no value": ({"Condition": {"Bool": {"k": None}}}, f"Condition Bool: 'k' {CONDITION} None"),
    "a list of values of lists": ({"Condition": {"Bool": {"k": [["x"]]}}}, f"Condition Bool: 'k' {CONDITION} [['x']]"),
    "an infinite number": ({"Condition": {"N": {"k": float("inf")}}}, f"Condition N: 'k' {CONDITION} inf"),
    "a list for a Sid": ({"Sid": ["x"]}, "Sid must be text; got ['x']"),
    "an invalid effect": ({"Effect": ["Allow"]}, "Effect must be Allow or Deny; got ['Allow']"),
    "a number for a principal": ({"Principal": 5}, 'Principal must be "*" or an object; got 5'),
    "a number for a service": ({"Principal": {"Service": 5}}, f"Principal Service {TEXTS} 5"),
    "another type of principal": (
        {"NotPrincipal": {"Other": "*"}},
        "NotPrincipal has types AWS, CanonicalUser, Federated, Service; got 'Other'",
    ),
}


@pytest.mark.parametrize(("parts", "problem"), MALFORMED.values(), ids=MALFORMED)
def test_a_value_of_another_type_is_a_problem_of_its_statement(parts: dict[str, Any], problem: str) -> None:
    assert document_problem(document(**parts)) == f"statement 1: {problem}"


@pytest.mark.parametrize("statements", [5, "x", None])
def test_statements_of_another_type_are_a_problem(statements: object) -> None:
    problem = f"Statement must be an object or a list of objects; got {statements}"

    assert document_problem({"Statement": statements}) == problem.replace("got x", "got 'x'")


IN_JSON = {name: case for name, case in MALFORMED.items() if name != "an infinite number"}


@pytest.mark.parametrize(("parts", "problem"), IN_JSON.values(), ids=IN_JSON)
def test_a_plan_with_a_malformed_document_names_the_problem(parts: dict[str, Any], problem: str) -> None:
    known = known_document(json.dumps(document(**parts)))

    assert (known.document, known.problem) == (None, f"it is malformed: statement 1: {problem}")


@pytest.mark.parametrize(("parts", "problem"), MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize(("key", "base"), [("trust_policy", TRUST), ("inline_policies", ALLOW)])
def test_roles_yaml_with_a_malformed_document_is_refused(
    parts: dict[str, Any], problem: str, key: str, base: dict[str, Any]
) -> None:
    policy = {"Statement": [{**base, **parts}]}
    role = {"kind": "task", key: policy if key == "trust_policy" else {"p": policy}}
    stack = {"region": "eu-west-1", "account": "111122223333", "roles": {"web": role}}
    text = json.dumps({"version": 1, "stacks": {"s": stack}}).replace("Infinity", "1e999")

    with pytest.raises(InputError):
        parse_config(text.encode(), "roles.yaml")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "it is not JSON"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it is not a JSON object with a Statement"),
        ('{"Statement": "x"}', "it is not a JSON object with a Statement"),
        ('{"Statement": [], "Statement": []}', "it is malformed: it has the key 'Statement' twice in one object"),
        ('{"Statement": [], "Id": NaN}', "it is malformed: it must not contain NaN, which is not JSON"),
        ('{"Statement": [], "Id": -Infinity}', "it is malformed: it must not contain -Infinity, which is not JSON"),
        (
            f'{{"Statement": [], "Id": {"9" * 5_000}}}',
            "it is malformed: it must not contain numbers of more than 300 digits; got 5000",
        ),
        (
            '{"Statement": [], "Id": 1e999}',
            "it is malformed: it must not contain numbers beyond 1.8e308, which many programs read as infinity",
        ),
        ('{"Statement": [], "Id": 5}', "it is malformed: Id must be text; got 5"),
        ('{"Statement": [], "Version": []}', "it is malformed: Version must be 2012-10-17 or 2008-10-17; got []"),
        ('{"Statement": [5]}', "it is malformed: statement 1: must be an object; got 5"),
        (
            '{"Statement": [], "Id": "\\ud800"}',
            "it is malformed: it must be valid Unicode; got half of a surrogate pair, such as \\ud800",
        ),
        (" " * (LARGEST_TEXT + 1), f"it is malformed: it has more than {LARGEST_TEXT} characters"),
    ],
)
def test_a_text_that_is_not_a_policy_is_unknown(text: object, problem: str) -> None:
    assert known_document(text).problem == problem


def test_the_number_1_and_true_are_different_values() -> None:
    (statement,) = canonical(document(Condition={"X": {"k": [True, 1, 1]}}))["Statement"]

    assert statement["Condition"]["X"]["k"] == [1, True]
