"""Tests the role that each account needs: the output of --print-policy, and contradictory options."""

from __future__ import annotations

import json

import pytest

from taskrole.live.fleet.role_policy import fleet_needs, fleet_policy
from taskrole.policy.documents.statements import compact_text
from tests.cli.running import taskrole
from tests.live.reading_needs import assert_read_only

POLICY = ("audit", "--assume-role", "audits/TaskroleAudit", "--print-policy")


@pytest.mark.parametrize("command", ["audit", "observe"])
def test_every_action_exists_reads_only_and_has_fitting_resources(command: str) -> None:
    assert_read_only(fleet_needs(command))


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_the_policy_fits_into_a_session(partition: str) -> None:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    assert len(compact_text(fleet_policy("audit", partition))) <= 2_048


def test_the_role_trusts_only_the_named_account_with_its_external_id() -> None:
    done = taskrole(*POLICY, "--trust", "111122223333", "--external-id", "an-id", AWS_REGION="cn-north-1")

    printed = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert printed["role_name"] == "audits/TaskroleAudit"
    assert printed["policy"] == fleet_policy("audit", "aws-cn")
    assert printed["trust"]["Statement"] == [
        {
            "Sid": "AssumeFromTheAudit",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "an-id"}},
        }
    ]


def test_the_caller_may_assume_only_this_role() -> None:
    done = taskrole(*POLICY, "--trust", "arn:aws:iam::111122223333:role/ci")

    printed = json.loads(done.out)
    assert printed["trust"]["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/ci"}
    assert printed["caller_policy"]["Statement"] == [
        {
            "Sid": "AssumeRoles",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": "arn:aws:iam::*:role/audits/TaskroleAudit",
        },
        {"Sid": "FindAccounts", "Effect": "Allow", "Action": "organizations:ListAccounts", "Resource": "*"},
    ]


def test_an_unknown_account_is_never_guessed() -> None:
    done = taskrole(*POLICY)

    assert "arn:aws:iam::ACCOUNT_OF_THE_CALLER:root" in done.out
    assert done.errors == ["replace ACCOUNT_OF_THE_CALLER by the account of the caller, or set --trust"]


def test_several_regions_of_the_same_account_need_no_role() -> None:
    assert json.loads(taskrole("audit", "--regions", "eu-west-1", "--print-policy").out) == fleet_policy("audit", "aws")


WRONG = {
    ("--accounts", "111122223333"): "--accounts: needs --assume-role, the role of each account",
    ("--organization",): "--organization: needs --assume-role, the role of each account",
    ("--assume-role", "X"): "--assume-role: needs --accounts or --organization",
    ("--external-id", "an-id"): "--external-id: needs --assume-role, the role of each account",
    ("--assume-role", "arn:aws:iam::111122223333:role/X", "--organization"): (
        "--assume-role: must be the name of the role in each account, not an ARN; "
        "got 'arn:aws:iam::111122223333:role/X'"
    ),
    ("--assume-role", "X", "--organization", "--external-id", "ä"): (
        "--external-id: must be 2 to 1,224 letters, digits and characters of _+=,.@:/-"
    ),
    ("--assume-role", "X", "--organization", "--accounts", "111122223333"): (
        "--accounts: conflicts with --organization"
    ),
    ("--regions", "eu-west-1", "--region", "eu-west-1"): "--region: conflicts with --regions",
    ("--regions", "eu-west-1", "--cluster", "prod"): "--cluster: is for a single account and region; remove it",
    (
        "--regions",
        "eu-west-1",
        "--write-roles",
        "r.yaml",
    ): "--write-roles: is for a single account and region; remove it",
    ("--merge",): "--merge: needs report files: taskrole audit --merge *.json",
    ("a.json",): "a.json: needs --merge; without it an account is audited",
    ("--merge", "a.json", "--organization"): "--organization: conflicts with --merge, which reads no account",
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.items())
def test_contradictory_options_are_an_error_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = taskrole("audit", *arguments)

    assert (done.code, done.out) == (1, "")
    assert done.err == f"{message}\n"


def test_an_invalid_trusted_principal_is_an_error_in_one_line() -> None:
    done = taskrole(*POLICY, "--trust", "*")

    assert done.code == 1
    assert done.err == "--trust: must be an account id of 12 digits, or the ARN of a role or user; got '*'\n"
