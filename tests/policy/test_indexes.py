"""Tests that an index never leaves out a candidate."""

from __future__ import annotations

import random

import pytest

from taskrole.grant import Condition
from taskrole.policy import pattern_index
from taskrole.policy.comparison.candidates import Candidates
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.comparison.condition_index import ConditionIndex
from taskrole.policy.comparison.permissions import covered, read_permissions
from taskrole.policy.evaluation import near_misses, needs
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.compiled import compile_statements
from taskrole.policy.evaluation.evaluate import Evaluator
from taskrole.policy.evaluation.near_misses import NearMisses
from taskrole.policy.evaluation.needs import NeedIndex, Scope
from taskrole.policy.evaluation.request import ContextKeys, Request
from taskrole.policy.evaluation.statement_index import StatementIndex
from taskrole.policy.patterns import contains, overlaps

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow


READ = "secretsmanager:GetSecretValue"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app"

_PARTS = ("abc", "abcd", "*", "?", "b", "Abc", "${aws:x}", "${*}", "arn:aws:s3:::", ":", "Σας")
_OPERATORS = (
    "StringEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike", "StringLikeIfExists", "Null",
    "ForAllValues:StringLike", "ForAnyValue:StringEquals", "NumericLessThan",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _indexed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build an index for the first lookup; it usually checks all patterns for the first few."""
    monkeypatch.setattr(pattern_index, "_FEW_LOOKUPS", 0)


def _text(rng: random.Random) -> str:
    return "".join(rng.choice(_PARTS) for _ in range(rng.randint(1, 4)))


def _conditions(rng: random.Random) -> tuple[Condition, ...]:
    def values(operator: str) -> tuple[str, ...]:
        known = {"Null": ("true", "false"), "NumericLessThan": ("1", "2", "30")}.get(operator)
        return (rng.choice(known),) if known else tuple(sorted({_text(rng) for _ in range(rng.randint(1, 2))}))

    operators = [rng.choice(_OPERATORS) for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    return tuple(
        (operator, rng.choice(("aws:PrincipalTag/a", "aws:TagKeys")), values(operator)) for operator in operators
    )


def _statement(rng: random.Random) -> dict[str, object]:
    action, resource = rng.choice(("Action", "NotAction")), rng.choice(("Resource", "NotResource"))
    actions = [f"s3:{rng.choice(('Get', 'GetOb', 'Put'))}{rng.choice(('*', 'ject', '?'))}" for _ in range(2)]
    resources = [_text(rng) + rng.choice(("", "abcabcdab")) for _ in range(rng.randint(1, 2))]
    return {"Effect": "Allow", action: actions, resource: resources}


@pytest.mark.parametrize("seed", range(20))
def test_conditions_that_follow_are_candidates(seed: int) -> None:
    rng = random.Random(seed)
    outer = [_conditions(rng) for _ in range(60)]
    index = ConditionIndex(outer)

    for inner in (_conditions(rng) for _ in range(60)):
        assert {place for place, condition in enumerate(outer) if implies(inner, condition)} <= index.of(inner)


@pytest.mark.parametrize("seed", range(20))
def test_permissions_that_cover_another_are_candidates(seed: int) -> None:
    rng = random.Random(seed)
    permissions, _ = read_permissions([{"Version": "2012-10-17", "Statement": [_statement(rng) for _ in range(60)]}])
    candidates = Candidates(permissions)

    for inner in permissions:
        assert [
            permission
            for permission in permissions
            if covered(inner, permission) and permission not in candidates.of(inner)
        ] == []


@pytest.mark.parametrize("seed", range(20))
def test_statements_on_an_overlapping_resource_are_candidates(seed: int) -> None:
    rng = random.Random(seed)
    document = {"Version": "2012-10-17", "Statement": [_statement(rng) for _ in range(60)]}
    statements = compile_statements("p", document)
    index = StatementIndex(statements)

    for _ in range(60):
        text = _text(rng) + rng.choice(("", "?" * rng.randint(1, 6)))
        possible = index.possible(text, is_pattern=True)
        for place, statement in enumerate(statements):
            patterns = (*statement.resources.patterns, *statement.resources.completed)
            if statement.resources.negated or any(overlaps(pattern, text) for pattern in patterns):
                assert place in possible


@pytest.mark.parametrize("seed", range(20))
def test_statements_on_a_matching_pattern_are_candidates(seed: int) -> None:
    rng = random.Random(seed)
    statements = compile_statements("p", {"Version": "2012-10-17", "Statement": [_statement(rng) for _ in range(60)]})
    index = StatementIndex(statements)

    for _ in range(60):
        text = _text(rng).replace("*", "x").replace("?", "y")
        keys = ContextKeys(Request("s3:GetObject", text, {}))
        fitting = {
            place for place, statement in enumerate(statements) if statement.resources.cover(text, keys) is not False
        }
        assert fitting <= set(index.possible(text, is_pattern=False))


def test_a_need_with_text_that_a_resource_lacks_is_not_compared_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(needs, "contains", lambda outer, inner: compared.append(outer) or contains(outer, inner))
    index = NeedIndex([Scope(f"arn:aws:s3:::bucket-{number}/*", ()) for number in range(1100, 1200)])

    (need,) = index.covering("arn:aws:s3:::bucket-1142/x")

    assert need.resource == "arn:aws:s3:::bucket-1142/*"
    assert compared == ["arn:aws:s3:::bucket-1142/*"]


def test_the_resources_of_an_action_are_indexed_once_for_all_its_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        near_misses, "allowed_resources", lambda action, evaluator: asked.append(action) or [f"{SECRET}-1"]
    )
    misses = NearMisses(Evaluator([]))

    clauses = [misses.of(Call(READ, READ, f"{SECRET}-{number}-??????")) for number in range(10)]

    assert asked == [READ]
    assert [number for number, clause in enumerate(clauses) if clause] == [1]


def test_a_statement_with_text_that_a_resource_lacks_is_no_candidate() -> None:
    statements = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:*:bucket-{number}/*"} for number in range(1100, 1200)
    ]
    index = StatementIndex(compile_statements("p", {"Version": "2012-10-17", "Statement": statements}))

    assert index.possible("arn:aws:s3:::bucket-1142/x", is_pattern=False) == [42]
    assert index.possible("arn:aws:s3:::bucket-1142/??????", is_pattern=True) == [42]


def test_the_first_lookups_check_all_patterns_with_wildcards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_index, "_FEW_LOOKUPS", 1)
    patterns = [f"bucket-{number}/*" for number in range(50)]
    index = pattern_index.PatternIndex([*patterns, "bucket-7/x"])

    assert [sorted(index.possible("bucket-7/x")) for _ in range(2)] == [
        sorted([*patterns, "bucket-7/x"]),
        ["bucket-7/*", "bucket-7/x"],
    ]
