"""Tests that null settings of roles.yaml count as absent."""

from __future__ import annotations

import pytest

from taskrole.config.load import parse_config
from taskrole.errors import InputError

ROLE = """version: 1
defaults: {account: '111122223333', policy_delivery: managed}
stacks:
  s:
    region: eu-west-1
    roles:
      web:
        kind: task
"""
STATEMENT = "{Effect: Allow, Action: s3:GetObject, Resource: '*'}"


def problems(content: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_config(content.encode(), "roles.yaml")
    return [problem.message for problem in caught.value.problems]


@pytest.mark.parametrize("region", ["null", "", "~"])
def test_a_stack_with_a_null_region_needs_a_region(region: str) -> None:
    assert problems(ROLE.replace("eu-west-1", region)) == ["must have a region; set region in the stack or in defaults"]


def test_a_null_region_is_that_of_defaults() -> None:
    content = ROLE.replace("eu-west-1", "").replace("{account", "{region: eu-west-1, account")

    assert parse_config(content.encode(), "roles.yaml").stacks[0].context.region == "eu-west-1"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "{Effect: Allow, Action: s3:GetObject, Resource: }",
            "must have either Resource or NotResource; got 0 of them",
        ),
        ("{Effect: Deny, Action: s3:Get*, NotResource: ~}", "must have either Resource or NotResource; got 0 of them"),
        ("{Effect: Allow, Action: null, Resource: '*'}", "must have either Action or NotAction; got 0 of them"),
        ("{Effect: Allow, NotAction: null, Resource: '*'}", "must have either Action or NotAction; got 0 of them"),
    ],
)
def test_a_statement_with_null_actions_or_resources_is_refused(statement: str, message: str) -> None:
    assert problems(f"{ROLE}        statements: [{statement}]\n") == [message]


def test_a_null_delivery_is_that_of_defaults() -> None:
    many = ", ".join(STATEMENT.replace("'*'", f"'arn:aws:s3:::{'b' * 60}{number}/*'") for number in range(60))

    (message,) = problems(f"{ROLE}        policy_delivery: null\n        statements: [{many}]\n")

    assert message.startswith("a managed policy must be at most 6144 characters")


def test_stacks_with_a_null_backend_share_the_state_of_the_file() -> None:
    backend = "backend: {type: s3, bucket: abc, key: state}\nstacks:"
    stack = "    region: eu-west-1\n    backend: null\n    roles: {x: {kind: task}}\n"

    (message,) = problems(ROLE.replace("stacks:", backend) + f"  t:\n{stack}")

    assert message.startswith("stacks s and t would share one state, 'state'")


def test_a_null_trust_policy_does_not_conflict_with_trust() -> None:
    content = f"{ROLE}        trust: account\n        trust_policy: null\n"

    assert parse_config(content.encode(), "roles.yaml").stacks[0].roles[0].trust
