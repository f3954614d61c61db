"""Tests that list, summary and exit code of a check agree for all tasks and roles."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import click
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.check import Assignment, CheckReport, check_tasks
from taskrole.check.json_report import report_json
from taskrole.check.text import report_lines
from taskrole.cli.check import exit_code
from taskrole.exit_codes import BLOCKED, INPUT_ERROR, UNRESOLVED
from taskrole.grant import ROLE_KINDS
from taskrole.taskdef import Options
from taskrole.taskdef.read import parse_document

from .scenarios import CONTEXT, KEY, allow, deny, subject

SECRETS = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
REFERENCES = st.sampled_from(
    [f"{SECRETS}db-Ab12Cd", f"{SECRETS}db-prod01", f"{SECRETS}db", f"{SECRETS}db-Ab12Cd:key", "/flag", "PLACEHOLDER"]
)
IMAGES = st.sampled_from(
    [
        "nginx",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:1",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx",
        "IMAGE_URI",
    ]
)
VOLUME = {
    "name": "data",
    "efsVolumeConfiguration": {
        "fileSystemId": "fs-0a1b2c3d",
        "transitEncryption": "ENABLED",
        "authorizationConfig": {"iam": "ENABLED"},
    },
}
STATEMENTS = st.sampled_from(
    [
        allow("*", "*"),
        allow("secretsmanager:GetSecretValue", f"{SECRETS}db-*"),
        allow("secretsmanager:GetSecretValue", f"{SECRETS}db-prod01"),
        allow(["ecr:*", "ssm:GetParameters"], "*"),
        allow("kms:Decrypt", "*"),
        allow("elasticfilesystem:ClientMount", "*"),
        allow("secretsmanager:*", "*", Condition={"StringEquals": {"aws:ResourceTag/team": "shop"}}),
        deny("ecr:BatchGetImage", "*"),
        {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"},
    ]
)
ROLES = st.lists(STATEMENTS, max_size=4).flatmap(
    lambda statements: st.sampled_from(["", "it is known after the apply"]).map(
        lambda unknown: replace(subject("r", *statements), unknown_policies=(unknown,) if unknown else ())
    )
)
OPTIONS = st.builds(
    Options,
    kms_keys=st.sampled_from([{}, {"*": "aws-owned"}, {"*": KEY}]),
    ambiguous_secret_suffix=st.sampled_from([None, "full", "both"]),
)


@st.composite
def tasks(draw: st.DrawFn) -> dict[str, Any]:
    container = {
        "name": "web",
        "image": draw(IMAGES),
        "secrets": [{"name": "S", "valueFrom": text} for text in draw(st.lists(REFERENCES, max_size=3))],
    }
    roles = {"executionRoleArn": "of-ecs", "taskRoleArn": "of-app"}
    return {
        "family": "shop",
        "containerDefinitions": [container],
        "requiresCompatibilities": draw(st.sampled_from([["FARGATE"], ["EC2"], []])),
        "volumes": draw(st.sampled_from([[], [VOLUME]])),
        **{field: name for field, name in roles.items() if draw(st.booleans())},
    }


@st.composite
def reports(draw: st.DrawFn) -> CheckReport:
    documents = [
        parse_document(data, f"{index}.json")
        for index, data in enumerate(draw(st.lists(tasks(), min_size=1, max_size=3)))
    ]
    given_roles = {kind: draw(ROLES) for kind in ROLE_KINDS if draw(st.booleans())}
    assignments = [
        Assignment(document.file, kind, role) for document in documents for kind, role in given_roles.items()
    ]
    return check_tasks(documents, CONTEXT, dict.fromkeys(ROLE_KINDS, draw(OPTIONS)), assignments)


@settings(max_examples=25)
@given(reports())
def test_list_summary_and_exit_code_agree(report: CheckReport) -> None:
    lines = [click.unstyle(line) for line in report_lines(report)]
    data = json.loads(report_json(report))
    summary = {word: int(number) for number, word in re.findall(r"(\d+) (OK|MISSING|unknown|error|EXCESS)", lines[-1])}

    listed = {status: sum(line.startswith(f"    {status} ") for line in lines) for status in ("OK", "MISSING")}
    listed["unknown"] = sum(re.match(r" {4}unknown |unknown: | {2}unknown: ", line) is not None for line in lines)
    listed["error"] = sum(line.startswith("error: ") for line in lines)

    for status, number in listed.items():
        key = "errors" if status == "error" else status.lower()
        assert summary.get(status, 0) == number == data["summary"][key], status
    assert summary["EXCESS"] == data["summary"]["excess"] == sum(len(role["actions"]) for role in data["excess"])
    expected = (
        INPUT_ERROR if listed["error"] else BLOCKED if listed["MISSING"] else UNRESOLVED if listed["unknown"] else 0
    )
    assert exit_code(report, is_strict=True) == expected
    assert exit_code(report, is_strict=False) == (0 if expected == UNRESOLVED else expected)


@settings(max_examples=25)
@given(reports())
def test_a_task_would_fail_only_with_a_missing_need_and_passes_only_without_errors_and_unknowns(
    report: CheckReport,
) -> None:
    for role in report.roles:
        stops = {item.status for item in role.items if item.failure and item.failure.stops}
        assert ("MISSING" not in stops) or role.file in report.failing
        assert ("unknown" not in stops) or role.file in report.failing | report.doubtful
    wrong = {error.file for error in report.errors}
    assert not {role.file for role in report.roles if role.file in wrong} - report.failing - report.doubtful
