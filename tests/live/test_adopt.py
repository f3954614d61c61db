"""Tests adopting: which part of a live role becomes which key, and errors in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.config.load import parse_config
from taskrole.live.adopt import Inherited, adopt, infer_kind
from taskrole.local.environment import environment
from taskrole.local.record import ServerRecord
from taskrole.policy.documents.policy import Policy
from taskrole.role import Role, trust_policy
from taskrole.yaml_reader import read_yaml
from tests.live.conftest import Run
from tests.live.proxy import proxy_to, query_error
from tests.policy_documents import policy_document as document

PROJECT = Path(__file__).parent.parent.parent
ACCOUNT = "111122223333"
CONTEXT = Context("aws", "eu-west-1", ACCOUNT)
ARN = f"arn:aws:iam::{ACCOUNT}:role/web"
ECS = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def role(**settings: Any) -> Role:
    return Role(**{"key": "web", "kind": "task", "name": "web", "trust": trust_policy("off", CONTEXT), **settings})


def entry(live: Role, inherited: Inherited = Inherited()) -> dict[str, Any]:  # noqa: B008 -- frozen
    return dict(adopt(replace(live, iam_arn=ARN), CONTEXT, inherited, "task").entry)


ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TRUSTS = {
    "the console's": (document({"Sid": "", **ECS}), "off"),
    "that of an account": (trust_policy("account", CONTEXT), "account"),
    "that of an account and region": (trust_policy("full", CONTEXT), "full"),
    "others beside ECS": (
        document(ECS, {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}),
        {"conditions": "off", "principals": {"aws": [ROOT]}},
    ),
    "another account's condition": (trust_policy("account", Context("aws", "eu-west-1", "9" * 12)), None),
    "an older version": (document(ECS, version="2008-10-17"), None),
    "a role that was removed": (
        document(ECS, {"Effect": "Allow", "Principal": {"AWS": "AROAGONE"}, "Action": "sts:AssumeRole"}),
        None,
    ),
    "NotPrincipal": (document(ECS, {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "sts:*"}), None),
    "two services in one statement": (
        document({**ECS, "Principal": {"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}}),
        None,
    ),
    "a lone statement": ({"Version": "2012-10-17", "Statement": ECS}, "off"),
}


@pytest.mark.parametrize(("trust", "word"), TRUSTS.values(), ids=TRUSTS)
def test_a_trust_policy_is_a_keyword_or_verbatim(trust: Any, word: Any) -> None:
    adopted = entry(role(trust=trust))

    assert adopted == {"kind": "task", "adopt": True, **({"trust": word} if word else {"trust_policy": trust})}


def test_only_keys_that_are_not_inherited_are_written() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/B"
    settings = {"path": "/apps/", "permissions_boundary": boundary, "max_session_duration": 7200, "exclusive": True}
    shared = Inherited(settings, {"team": "core", "other": "x"})
    same = {key: value for key, value in settings.items() if key != "exclusive"}

    inherited = entry(role(**same, tags={"team": "core", "own": "1"}), shared)
    differing = entry(role(tags={"team": "mine"}), shared)

    assert inherited == {"kind": "task", "adopt": True, "tags": {"own": "1"}, "exclusive": False, "trust": "off"}
    assert differing == {
        "kind": "task",
        "adopt": True,
        "path": "/",
        "tags": {"team": "mine"},
        "max_session_duration": 3600,
        "exclusive": False,
        "trust": "off",
    }


def test_managed_policies_have_their_names_of_roles_yaml() -> None:
    own, newer = f"arn:aws:iam::{ACCOUNT}:policy/team/Own", "arn:aws:iam::aws:policy/NewerThanTheSnapshot"
    known = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

    adopted = entry(role(attachments=(own, newer, known)))

    assert adopted["managed_policies"] == [own, newer, "service-role/AmazonECSTaskExecutionRolePolicy"]


PULL = document({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})
ALL = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
READ = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})


@pytest.mark.parametrize(
    ("live", "kind"),
    [
        (role(attachments=("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",)), "execution"),
        (role(policies=(Policy("p", "inline", PULL),)), "execution"),
        (role(policies=(Policy("p", "inline", ALL),)), "task"),
        (role(policies=(Policy("p", "inline", READ),)), "task"),
        (role(), "task"),
    ],
)
def test_the_kind_is_inferred_from_the_permissions_of_the_role(live: Role, kind: str) -> None:
    assert infer_kind(live) == kind


def test_a_role_of_cloudformation_gets_a_warning() -> None:
    tags = {"aws:cloudformation:stack-name": "shop", "aws:cloudformation:stack-id": "x", "team": "core"}

    adopted = adopt(replace(role(tags=tags), iam_arn=ARN), CONTEXT, Inherited(), "task")

    assert adopted.entry["tags"] == {"team": "core"}
    assert adopted.warnings == (
        "belongs to CloudFormation stack 'shop', which still manages it; retain it there (DeletionPolicy: Retain)"
        " and remove it from the stack before Terraform manages it",
    )


def make(client, name: str, service: str = "ecs-tasks.amazonaws.com", **more: Any) -> None:
    trust = document({**ECS, "Principal": {"Service": service}})
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **more)


def test_all_roles_of_ecs_are_found_and_adopted_once(client, run: Run, tmp_path: Path) -> None:
    make(client, "first")
    make(client, "second", Path="/apps/")
    make(client, "function", "lambda.amazonaws.com")

    done = run("adopt", "--all-ecs", "--stack", "prod")
    again = run("adopt", "--all-ecs")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "roles.yaml: adopted 2 roles into stack prod",
        "  task      first",
        "  task      second",
        "The first plan will show: 2 to import, 0 to add, 0 to change, 0 to destroy.",
    ]
    roles = read_yaml((tmp_path / "roles.yaml").read_bytes(), "f").data["stacks"]["prod"]["roles"]
    assert roles == {
        "first": {"kind": "task", "adopt": True, "trust": "off"},
        "second": {"kind": "task", "adopt": True, "path": "/apps/", "trust": "off"},
    }
    assert again.stdout == "roles.yaml: nothing to adopt\n"
    assert again.stderr.splitlines()[1:] == [
        "role first: already declared in stack prod; skipped",
        "role second: already declared in stack prod; skipped",
    ]


def test_changes_of_the_first_apply_are_reported(client, run: Run, tmp_path: Path) -> None:
    make(client, "plain")
    text = (
        "version: 1\ndefaults: {tags: {team: core}, permissions_boundary: 'arn:aws:iam::aws:policy/PowerUserAccess'}\n"
    )
    text += "stacks:\n  s:\n    region: eu-west-1\n    account: '123456789012'\n    roles:\n      web: {kind: task}\n"
    (tmp_path / "roles.yaml").write_text(text)

    done = run("adopt", "plain", "--kind", "task")

    assert done.stderr.splitlines()[1:] == [
        "warning: role plain: the first apply will change its permissions boundary, set in defaults or the stack",
        "warning: role plain: the first apply will change its tag team, set in defaults or the stack",
    ]
    assert "first plan" not in done.stdout
    parse_config((tmp_path / "roles.yaml").read_bytes(), "roles.yaml")


def test_a_dry_run_writes_nothing(client, run: Run, tmp_path: Path) -> None:
    make(client, "dry")

    done = run("adopt", "dry", "--dry-run")

    assert "      dry:\n" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_roles_that_cannot_be_adopted_are_a_line_each_and_nothing_is_written(client, run: Run, tmp_path: Path) -> None:
    make(client, "of-lambda", "lambda.amazonaws.com")

    absent = run("adopt", "missing", "arn:aws:iam::999999999999:role/of-lambda")
    untrusted = run("adopt", "of-lambda")

    assert (absent.returncode, untrusted.returncode) == (1, 1)
    assert absent.stderr.splitlines()[2:] == [
        "role arn:aws:iam::999999999999:role/of-lambda: is not in the account, but "
        "arn:aws:iam::123456789012:role/of-lambda is",
        "role missing: is not in the account; list all with --all-ecs",
    ]
    assert untrusted.stderr.splitlines()[1:] == [
        "role of-lambda: ecs-tasks.amazonaws.com cannot assume it, it trusts lambda.amazonaws.com; it is not a role of "
        "ECS tasks; leave it out, or fix its trust policy first"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_role_of_another_account_than_the_stacks_is_refused(client, run: Run, tmp_path: Path) -> None:
    make(client, "elsewhere")
    text = f"version: 1\nstacks: {{s: {{region: eu-west-1, account: '{ACCOUNT}', roles: {{web: {{kind: task}}}}}}}}\n"
    (tmp_path / "roles.yaml").write_text(text)

    done = run("adopt", "elsewhere")

    assert done.stderr.splitlines()[1:] == [
        "role elsewhere: is in account 123456789012, but stack s is in 111122223333; use another stack with --stack"
    ]
    assert (tmp_path / "roles.yaml").read_text() == text


ANSWERS = {
    "ExpiredToken": "the credentials are invalid or expired; renew them, for a profile with: aws sso login",
    "InvalidClientTokenId": "the credentials are invalid or expired; renew them, for a profile with: aws sso login",
    "AccessDenied": "run the same command with --print-policy for the permissions that it needs",
    "Throttling": "AWS throttles requests; wait a minute and try again",
}


@pytest.mark.parametrize(("code", "way_out"), ANSWERS.items())
def test_an_error_of_aws_is_a_line_with_the_fix(aws, run: Run, tmp_path: Path, code: str, way_out: str) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: (403, query_error(code, "No."))

        done = run("adopt", "web", **proxy.variables, AWS_MAX_ATTEMPTS="2")

    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [f"reading role web (iam:GetRole): AWS returned {code}: No.; {way_out}"]
    assert list(tmp_path.iterdir()) == []


def test_missing_credentials_are_an_error_in_one_line(run: Run) -> None:
    done = run("adopt", "web", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert done.returncode == 1
    assert "no AWS credentials; set AWS_PROFILE" in done.stderr.splitlines()[-1]


def test_neither_a_role_nor_all_is_a_usage_error(run: Run) -> None:
    assert run("adopt").stderr.splitlines()[-1] == "Error: Missing argument 'ROLE'; give roles, or use --all-ecs."


def test_concurrent_adopts_and_a_save_in_an_editor_lose_no_change(aws: ServerRecord) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof.two_writers", "adopt", "3"],
        cwd=PROJECT,
        env={**environment(os.environ, aws), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.stdout, done.stderr) == ("adopt: 3 rounds, 0 wrong\n", "")
