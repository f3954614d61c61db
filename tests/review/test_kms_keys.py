"""Tests that a review reports unknown keys of secrets until the keys are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from taskrole.cli.review import review
from taskrole.errors import InputError
from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions
from taskrole.review.settings_file import parse_settings
from tests.review.cases import (
    NOTHING,
    TODAY,
    allow,
    codes,
    inline_change,
    plan_of,
    policy,
    reviewed,
    role_change,
    task_change,
)

A = "123456789012"
SECRETS = f"arn:aws:secretsmanager:eu-central-1:{A}:secret:"
SECRET, OTHER = f"{SECRETS}prod/db-a1b2c3", f"{SECRETS}prod/mail-d4e5f6"
KEY = f"arn:aws:kms:eu-central-1:{A}:key/11111111-2222-3333-4444-555555555555"
READ = allow("secretsmanager:GetSecretValue", f"{SECRETS}*")
REASON = (
    "whether aws_ecs_task_definition.web needs kms:Decrypt of role web is not known: the key is not known; name it in"
    " the option kms_keys (--kms-key NAME=ARN), or say there that AWS manages all keys (--kms-key aws-owned)"
)


def plan(*statements: dict[str, Any], secrets: tuple[str, ...] = (SECRET,)) -> dict[str, Any]:
    container = {"secrets": [{"name": f"S{index}", "valueFrom": text} for index, text in enumerate(secrets)]}
    return plan_of(role_change(), inline_change(NOTHING, policy(READ, *statements)), task_change(container))


def report_of(data: dict[str, Any], keys: dict[str, str] | None = None, settings: str = "version: 1") -> Report:
    options = ReviewOptions(today=TODAY, kms_keys=keys or {})
    return reviewed(data, parse_settings(settings.encode(), "taskrole.review.yaml"), options)


def unknown(report: Report) -> list[tuple[str, str, str]]:
    return [(value.address, value.attribute, value.because) for value in report.unresolved]


def test_an_unknown_key_of_secrets_is_reported_once_for_a_task_definition() -> None:
    report = report_of(plan(secrets=(SECRET, OTHER)))

    assert unknown(report) == [("aws_ecs_task_definition.web", "execution_role_arn", REASON)]


@pytest.mark.parametrize("statement", [allow("kms:Decrypt", "*"), allow("kms:*", "arn:aws:kms:eu-central-1:*:key/*")])
def test_a_role_that_may_use_any_key_is_not_reported(statement: dict[str, Any]) -> None:
    assert unknown(report_of(plan(statement))) == []


def test_a_role_that_may_use_a_single_key_may_need_another() -> None:
    assert unknown(report_of(plan(allow("kms:Decrypt", KEY)))) != []


@pytest.mark.parametrize("keys", [{"*": "aws-owned"}, {SECRET: "alias/aws/secretsmanager"}, {"prod/db": "aws-owned"}])
def test_an_aws_managed_key_needs_no_permission(keys: dict[str, str]) -> None:
    report = report_of(plan(), keys)

    assert (unknown(report), "TR-TASK-MISSING" in codes(report)) == ([], False)


def test_a_named_key_must_be_allowed() -> None:
    keys = {"prod/db": KEY}
    via = {"Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}}}

    lacking, allowing = report_of(plan(), keys), report_of(plan(allow("kms:Decrypt", KEY, **via)), keys)

    (missing,) = [finding for finding in lacking.findings if finding.code == "TR-TASK-MISSING"]
    assert (missing.actions, missing.resources) == (("kms:Decrypt",), (KEY,))
    assert "TR-TASK-MISSING" not in codes(allowing)
    assert unknown(lacking) == unknown(allowing) == []


def test_an_unnamed_key_stays_unknown_beside_a_named_key() -> None:
    assert unknown(report_of(plan(secrets=(SECRET, OTHER)), {"prod/db": "aws-owned"})) != []


def test_the_command_line_overrides_the_keys_of_the_settings() -> None:
    of_aws, own = "version: 1\nkms_keys: aws-owned", f"version: 1\nkms_keys: {{prod/db: {KEY}}}"

    assert unknown(report_of(plan(), settings=of_aws)) == []
    assert "TR-TASK-MISSING" in codes(report_of(plan(), settings=own))
    assert "TR-TASK-MISSING" not in codes(report_of(plan(), {"prod/db": "aws-owned"}, own))


def test_the_report_lists_aws_managed_keys_and_names_without_a_secret() -> None:
    report = report_of(plan(), {"*": "aws-owned", "prod/bd": KEY, "prod/db": "aws-owned"})

    assert report.notes == (
        "kms_keys says that AWS manages the keys of all secrets and parameters that it does not name",
        "kms_keys names prod/bd, which no task definition of this plan uses; check the spelling",
    )


@pytest.mark.parametrize("data", [plan(), plan_of(role_change())], ids=["with a task", "without one"])
def test_a_malformed_key_is_an_input_error(data: dict[str, Any]) -> None:
    with pytest.raises(InputError) as raised:
        report_of(data, {"prod/db": "alias/shop", "prod/mail": KEY})

    (problem,) = raised.value.problems
    assert problem.place.path == "/kms_keys/prod/db"
    assert "must be an ARN" in problem.message


def test_a_key_of_another_partition_is_ignored() -> None:
    keys = {"*": KEY.replace("arn:aws:", "arn:aws-cn:").replace("eu-central-1", "cn-north-1")}

    assert unknown(report_of(plan(), keys)) == [("aws_ecs_task_definition.web", "execution_role_arn", REASON)]


@pytest.mark.parametrize("value", ["[aws-owned]", "{prod/db: 7}", "7"])
def test_keys_of_another_type_are_an_error_at_their_line(value: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_settings(f"version: 1\nkms_keys: {value}".encode(), "taskrole.review.yaml")

    assert raised.value.problems[0].place.line == 2


def test_an_approval_of_an_unknown_key_ends_when_a_secret_is_added() -> None:
    def key(*secrets: str) -> str:
        (value,) = report_of(plan(secrets=secrets)).unresolved
        return value.key

    assert key(SECRET) == key(SECRET)
    assert key(SECRET, OTHER) != key(SECRET)


def test_a_sensitive_task_definition_is_not_quoted() -> None:
    data = plan()
    data["resource_changes"][2]["change"]["after_sensitive"] = {"container_definitions": True}

    assert unknown(report_of(data)) == [("aws_ecs_task_definition.web", "execution_role_arn", REASON)]


def test_a_task_without_secrets_needs_no_key() -> None:
    assert unknown(report_of(plan(secrets=()))) == []


@pytest.mark.parametrize(
    ("arguments", "exit_code"), [((), 4), (("--kms-key", "aws-owned"), 0), (("--kms-key", "=x"), 2)]
)
def test_an_unknown_key_has_the_exit_code_of_check(
    arguments: tuple[str, ...], exit_code: int, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text(json.dumps(plan()))

    assert CliRunner().invoke(review, ["plan.json", "--strict", *arguments]).exit_code == exit_code
