"""Tests the permissions of each command: existing actions on resources that they support."""

from __future__ import annotations

import json

import pytest

from taskrole.live.needs import NEEDS, policy_for
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource
from tests.cli.running import taskrole


@pytest.mark.parametrize("command", NEEDS)
def test_every_action_exists_reads_only_and_has_fitting_resources(command: str) -> None:
    for need in NEEDS[command]:
        for action in need.actions:
            assert known_action(action) == action
            assert action.partition(":")[2].startswith(("Describe", "Get", "List", "Lookup"))
            if need.resource == "*":
                assert not resource_types(action)
            else:
                assert supports_resource(action, need.resource.replace(":P:", ":aws:"))


@pytest.mark.parametrize("command", NEEDS)
def test_print_policy_needs_neither_arguments_nor_an_account(command: str) -> None:
    done = taskrole(command, "--print-policy", AWS_REGION="cn-north-1")

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == policy_for(command, "aws-cn")
    assert ("arn:aws-cn:" in done.out) is any(":P:" in need.resource for need in NEEDS[command])


def test_the_policy_of_adopt_is_as_expected() -> None:
    assert json.loads(taskrole("adopt", "--print-policy").out) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "FindRoles", "Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"},
            {
                "Sid": "ReadRoles",
                "Effect": "Allow",
                "Action": ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
                "Resource": "arn:aws:iam::*:role/*",
            },
        ],
    }


def test_observe_may_read_the_role_that_it_compares_with() -> None:
    assert set(NEEDS["check"]) <= set(NEEDS["observe"])
