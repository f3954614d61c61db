"""Tests the permissions of each command: existing actions on resources that they support."""

from __future__ import annotations

import json

import pytest

from taskrole.live.needs import NEEDS, policy_for
from tests.cli.running import taskrole
from tests.live.reading_needs import assert_read_only


@pytest.mark.parametrize("command", NEEDS)
def test_every_action_exists_reads_only_and_has_fitting_resources(command: str) -> None:
    assert_read_only(NEEDS[command])


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
