"""Tests the comparison of a live role with the declared role, item by item."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from taskrole.arns import Context
from taskrole.live.verify import VerifiedItem, VerifiedRole, VerifiedStack, compare_role
from taskrole.live.verify_finding_report import verify_findings
from taskrole.local.environment import environment
from taskrole.local.record import HOST, ServerRecord
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.role import Role, trust_policy
from tests import aws_client
from tests.cli.report_schemas import problems
from tests.forked import run_taskrole

CONTEXT = Context("aws", "eu-west-1", "111122223333")
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
ROLE = Role(
    key="web",
    kind="task",
    name="web",
    trust=trust_policy("full", CONTEXT),
    tags={"team": "core"},
    policies=(Policy("permissions", "inline", policy_document([READ])),),
    attachments=("arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"),
)
ARN = "arn:aws:iam::111122223333:role/web"
OPEN = trust_policy("off", CONTEXT)
REORDERED = policy_document([{**READ, "Sid": "Other", "Action": ["s3:GetObject"]}])
WRITE = policy_document([{**READ, "Action": "s3:PutObject"}])


def differences(live: Role, arn: str = ARN) -> list[VerifiedItem]:
    return [item for item in compare_role(ROLE, replace(live, iam_arn=arn), CONTEXT) if item.status != "OK"]


def test_a_role_as_declared_is_ok_in_all_items() -> None:
    items = compare_role(ROLE, replace(ROLE, iam_arn=ARN), CONTEXT)

    assert [item.item for item in items] == [
        "name",
        "account",
        "path",
        "description",
        "trust policy",
        "permissions boundary",
        "max session duration",
        "attached arn:aws:iam::aws:policy/A",
        "attached arn:aws:iam::aws:policy/B",
        "inline policy permissions",
        "tag team",
    ]
    assert {item.status for item in items} == {"OK"}


def test_an_absent_role_is_missing() -> None:
    assert compare_role(ROLE, None, CONTEXT) == [VerifiedItem("role web", "missing", "web")]


@pytest.mark.parametrize(
    ("changed", "item", "status"),
    [
        ({"path": "/x/"}, "path", "NG"),
        ({"description": "x"}, "description", "NG"),
        ({"trust": OPEN}, "trust policy", "NG"),
        ({"permissions_boundary": "arn:aws:iam::aws:policy/A"}, "permissions boundary", "NG"),
        ({"max_session_duration": 7200}, "max session duration", "NG"),
        ({"attachments": ROLE.attachments[:1]}, "attached arn:aws:iam::aws:policy/B", "missing"),
        (
            {"attachments": (*ROLE.attachments, "arn:aws:iam::aws:policy/C")},
            "attached arn:aws:iam::aws:policy/C",
            "extra",
        ),
        ({"policies": (Policy("permissions", "inline", WRITE),)}, "inline policy permissions", "NG"),
        ({"policies": (*ROLE.policies, Policy("rogue", "inline", WRITE))}, "inline policy rogue", "extra"),
        ({"policies": ()}, "inline policy permissions", "missing"),
        ({"tags": {"team": "other"}}, "tag team", "NG"),
        ({"tags": {"team": "core", "x": ""}}, "tag x", "extra"),
        ({"tags": {}}, "tag team", "missing"),
    ],
)
def test_a_difference_is_a_single_item_that_is_not_ok(changed: dict[str, Any], item: str, status: str) -> None:
    (difference,) = differences(replace(ROLE, **changed))

    assert (difference.item, difference.status) == (item, status)


def test_another_account_is_not_ok() -> None:
    assert differences(ROLE, ARN.replace("1111", "9999")) == [
        VerifiedItem("account", "NG", "111122223333", "999922223333")
    ]


def test_an_equivalent_policy_is_ok() -> None:
    assert differences(replace(ROLE, policies=(Policy("permissions", "inline", REORDERED),))) == []


ROLES_YAML = """\
version: 1
stacks:
  s:
    region: ap-southeast-1
    roles:
      verified: {kind: execution, trust: off, managed_policies: [CloudWatchLogsFullAccess]}
      prefixed: {kind: task, trust: off, name_prefix: prefixed-}
"""


def verify(folder: Path, variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "roles.yaml").write_text(ROLES_YAML)
    return run_taskrole(["verify", *arguments], folder, variables)


def test_verify_reads_the_live_api_and_reports_missing_and_extra_items(aws: ServerRecord, tmp_path: Path) -> None:
    iam = aws_client.client(aws, "iam")
    trust = json.dumps(OPEN)
    iam.create_role(RoleName="verified", AssumeRolePolicyDocument=trust, Tags=[{"Key": "by", "Value": "hand"}])
    iam.create_role(RoleName=f"prefixed-{'0' * 26}", AssumeRolePolicyDocument=trust)
    iam.create_role(RoleName="prefixed-by-somebody-else", AssumeRolePolicyDocument=trust)

    done = verify(tmp_path, environment(os.environ, aws))

    assert done.returncode == 3, done.stderr
    assert done.stdout == (
        "stack s\n"
        "  role arn:aws:iam::123456789012:role/prefixed-00000000000000000000000000\n"
        "    OK      name\n"
        "    OK      path\n"
        "    OK      description\n"
        "    OK      trust policy\n"
        "    OK      permissions boundary\n"
        "    OK      max session duration\n"
        "  role arn:aws:iam::123456789012:role/verified\n"
        "    OK      name\n"
        "    OK      path\n"
        "    OK      description\n"
        "    OK      trust policy\n"
        "    OK      permissions boundary\n"
        "    OK      max session duration\n"
        "    missing attached arn:aws:iam::aws:policy/CloudWatchLogsFullAccess\n"
        "    extra   tag by\n"
        "2 of 14 items differ\n"
    )


def test_verify_as_json_has_its_documented_keys(aws: ServerRecord, tmp_path: Path) -> None:
    done = verify(tmp_path, environment(os.environ, aws), "s", "--format", "json")

    report = json.loads(done.stdout)
    assert problems("verify", report) == []
    assert report["schema_version"] == 1
    (stack,) = report["stacks"]
    assert (stack["stack"], [role["role"] for role in stack["roles"]]) == ("s", ["prefixed", "verified"])
    assert stack["roles"][0]["items"][0].keys() == {"item", "status", "expected", "found"}


def test_verify_gives_an_error_for_each_item_that_differs(aws: ServerRecord, tmp_path: Path) -> None:
    output = "junit=verify.xml"

    done = verify(tmp_path, environment(os.environ, aws), "s", "--format", "sarif", "--output", output)

    assert done.returncode == 3, done.stderr
    results = [
        (result["ruleId"], result["message"]["text"]) for result in json.loads(done.stdout)["runs"][0]["results"]
    ]
    assert [(code, text.partition(". ")[0]) for code, text in results] == [
        ("VERIFY-EXTRA", "tag by exists and is not declared"),
        ("VERIFY-MISSING", "attached arn:aws:iam::aws:policy/CloudWatchLogsFullAccess is declared and does not exist"),
    ]
    suite = ET.fromstring((tmp_path / "verify.xml").read_text())  # noqa: S314 -- our own output
    assert (suite.get("tests"), suite.get("failures")) == ("14", "2")


def test_an_item_with_another_value_has_both_in_its_finding() -> None:
    live = replace(ROLE, max_session_duration=7_200, iam_arn=ARN)
    role = VerifiedRole("web", ARN, tuple(compare_role(ROLE, live, CONTEXT)))

    (finding,) = verify_findings([VerifiedStack("s", (role,))]).findings

    assert (finding.code, finding.source) == ("VERIFY-DIFFERENT", "role web")
    assert finding.message == "max session duration differs: declared 3600, found 7200"


def test_a_live_role_is_shown_with_its_declared_kind(aws: ServerRecord, tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(ROLES_YAML)

    done = run_taskrole(["show", "--live"], tmp_path, environment(os.environ, aws))

    assert done.returncode == 0, done.stderr
    titles = [line for line in done.stdout.splitlines() if " role of stack " in line]
    assert titles == [f"prefixed-{'0' * 26}: task role of stack s", "verified: execution role of stack s"]


def test_an_unknown_stack_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    done = verify(tmp_path, dict(os.environ), "z")

    assert (done.returncode, done.stderr) == (1, "roles.yaml: there is no stack 'z'; there are s\n")


def test_without_credentials_verify_says_how_to_get_them(tmp_path: Path) -> None:
    done = verify(tmp_path, {**os.environ, "AWS_EC2_METADATA_DISABLED": "true"})

    assert done.returncode == 1
    assert done.stderr.splitlines()[0].endswith(
        'no AWS credentials; set AWS_PROFILE, or run: eval "$(taskrole local env)" for the embedded AWS'
    )
    assert "Traceback" not in done.stderr


def test_an_unreachable_endpoint_is_an_error_in_one_line(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    variables = {**environment(os.environ, ServerRecord(port, 1, "x")), "AWS_MAX_ATTEMPTS": "1"}

    done = verify(tmp_path, variables)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"http://127.0.0.1:{port}" in done.stderr
