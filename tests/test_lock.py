"""Tests the normal form of grants.lock.json: it depends on the grants and not on their form."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.arns import Context
from taskrole.config.backends.local import LocalBackendSettings
from taskrole.config.model import ProviderSettings
from taskrole.config.resolve import StackSpec
from taskrole.lock import lock_text, make_lock, parse_lock
from taskrole.lock_difference import lock_differences
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.role import Role, assumers, trust_policy
from tests.amount import amount

CONTEXT = Context("aws", "eu-west-1", "111122223333")
ROLE = Role("web", "task", trust_policy("full", CONTEXT), name="web")
BACKEND = LocalBackendSettings(type="local", path="x")

actions = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:Get*", "dynamodb:GetItem"])
resources = st.sampled_from(["*", "arn:aws:s3:::a", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${*}"])
conditions = st.sampled_from([{}, {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}, {"Bool": {"k:v": True}}])
statements = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Action": st.lists(actions, min_size=1, max_size=3),
            "Resource": st.lists(resources, min_size=1, max_size=3),
            "Condition": conditions,
        }
    ),
    max_size=5,
)


def stacks(role: Role) -> list[StackSpec]:
    return [StackSpec("s", CONTEXT, BACKEND, ProviderSettings(), (role,))]


def granted(*parts: list[dict[str, Any]]) -> str:
    policies = tuple(Policy(f"p{n}", "inline", policy_document(part)) for n, part in enumerate(parts) if part)
    return lock_text(make_lock(stacks(replace(ROLE, policies=policies))))


@settings(max_examples=amount(60))
@given(statements, st.randoms(use_true_random=False))
def test_order_repetition_and_splitting_do_not_change_the_lock(
    given_: list[dict[str, Any]], chance: random.Random
) -> None:
    split = [
        {**statement, "Action": action, "Resource": resource}
        for statement in given_
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]
    chance.shuffle(split)
    cut = chance.randint(0, len(split))

    assert granted(given_) == granted(split[:cut], split[cut:], split[:1])


@settings(max_examples=amount(60))
@given(statements, statements)
def test_locks_with_the_same_text_have_no_differences_and_are_read_back(
    statements_before: list[dict[str, Any]], statements_after: list[dict[str, Any]]
) -> None:
    first, second = granted(statements_before), granted(statements_after)
    lock, locked = (parse_lock(text.encode(), "grants.lock.json") for text in (first, second))

    assert lock_text(lock) == first
    assert list(lock_differences(lock, lock)) == []
    if first == second:
        assert list(lock_differences(lock, locked)) == []


@settings(max_examples=amount(40))
@given(statements)
def test_a_new_permission_is_always_reported(before: list[dict[str, Any]]) -> None:
    new = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:q"}

    old, now = (parse_lock(granted(allowed).encode(), "f") for allowed in (before, [*before, new]))

    sentence = f"stack s, role web: gains sqs:SendMessage on {new['Resource']}"
    assert [*map(str, lock_differences(old, now))] == [sentence]
    assert [*map(str, lock_differences(now, old))] == [sentence.replace("gains", "loses")]


def test_not_action_and_not_resource_are_kept() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "S3:getobject"], "NotResource": ["arn:aws:s3:::b"]}

    role = json.loads(granted([statement]))["stacks"]["s"]["roles"]["web"]

    assert role["allow"] == [{"not_on": ["arn:aws:s3:::b"], "not_actions": ["iam:*", "s3:GetObject"]}]


OTHERS = "arn:aws:iam::999999999999:root"


@pytest.mark.parametrize(
    ("statement", "gained", "lost"),
    [
        ({"Effect": "Allow", "Principal": {"AWS": OTHERS}}, "can be assumed by", "can no longer be assumed by"),
        ({"Effect": "Deny", "Principal": {"AWS": OTHERS}}, "cannot be assumed by", "is no longer denied to"),
        (
            {"Effect": "Allow", "NotPrincipal": {"AWS": OTHERS}},
            "can be assumed by everyone except",
            "can no longer be assumed by everyone except",
        ),
        (
            {"Effect": "Deny", "NotPrincipal": {"AWS": OTHERS}},
            "cannot be assumed by everyone except",
            "is no longer denied to everyone except",
        ),
    ],
)
def test_a_denied_principal_is_not_reported_as_allowed(statement, gained, lost) -> None:
    more = {**ROLE.trust, "Statement": [*ROLE.trust["Statement"], {**statement, "Action": "sts:AssumeRole"}]}
    old, new = make_lock(stacks(ROLE)), make_lock(stacks(replace(ROLE, trust=more)))

    assert [*map(str, lock_differences(old, new))] == [f"stack s, role web: {gained} {OTHERS}"]
    assert [*map(str, lock_differences(new, old))] == [f"stack s, role web: {lost} {OTHERS}"]


def test_denials_and_exceptions_of_trust_are_described_apart() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}, "Bool": {"aws:SecureTransport": True}}
    document = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["a", "b"], "Service": "c"}, "Condition": condition},
            {"Effect": "Allow", "Principal": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": ["a", "b"]}},
            {"Effect": "Deny", "Principal": {"AWS": "d"}},
        ]
    }

    condition_text = "if aws:PrincipalOrgID StringEquals o-1 or o-2 and aws:SecureTransport Bool True"
    assert list(assumers(document)) == [
        f"a {condition_text}",
        f"b {condition_text}",
        f"c {condition_text}",
        "*",
        "not: everyone except a, b",
        "not: d",
    ]


@pytest.mark.parametrize(
    ("boundary", "sentences"),
    [
        (None, ["stack s, role web: gains sqs:SendMessage on *"]),
        ("arn:aws:iam::aws:policy/PowerUserAccess", ["stack s, role web: gains sqs:SendMessage on *"]),
        (
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
            ["stack s, role web: gains sqs:SendMessage on *, which its permissions boundary forbids"],
        ),
        ("arn:aws:iam::111122223333:policy/limit", ["stack s, role web: gains sqs:SendMessage on *"]),
    ],
)
def test_a_gain_that_the_boundary_forbids_is_marked(boundary: str | None, sentences: list[str]) -> None:
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    before = replace(ROLE, permissions_boundary=boundary)
    after = replace(before, policies=(Policy("own", "inline", policy_document([statement])),))

    differences = lock_differences(make_lock(stacks(before)), make_lock(stacks(after)))

    assert [*map(str, differences)] == sentences


def test_an_unchanged_role_that_cannot_be_compared_has_no_difference() -> None:
    # given: an action without a service
    statement = {"Effect": "Allow", "Action": "nonsense", "Resource": "*"}
    role = replace(ROLE, policies=(Policy("p", "inline", policy_document([statement])),))
    lock = make_lock(stacks(role))

    # when
    locked = parse_lock(lock_text(lock).encode(), "grants.lock.json")

    # then
    assert list(lock_differences(locked, lock)) == []
