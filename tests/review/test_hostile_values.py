"""Tests values that other programs read differently, or not at all: every output stays valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from taskrole.cli import _taskrole

VALUES = {
    "infinity": "1e999",
    "minus infinity": "-Infinity",
    "no number": "NaN",
    "a number of 5,000 digits": "9" * 5_000,
    "half a surrogate pair": r'"\ud800"',
    "1,000 arrays": "[" * 1_000 + "]" * 1_000,
    "a key twice": '{"a": 1, "a": 2}',
    "a wrong type": '[{"a": [null]}]',
}
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",'
    '"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":%s}}}]}'
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
CONTAINERS = '[{"name":"a","image":"x","environment":[{"name":"a","value":%s}],"memory":%s}]'
REFERENCES = {
    "an index of 5,000 digits": f"aws_iam_role.r[{'9' * 5_000}]",
    "an invalid escape": r'aws_iam_role.r["\q"]',
    "half a surrogate pair": r'aws_iam_role.r["\ud800"]',
    "a character beyond Unicode": r'aws_iam_role.r["\UFFFFFFFF"]',
    "no end": 'aws_iam_role.r["',
}
FORMATS = (
    "terminal",
    "markdown",
    "comment",
    "json",
    "sarif",
    "junit",
    "gitlab-terraform",
    "gitlab-codequality",
    "html",
)


def created(type_: str, after: dict[str, Any], address: str = "", **unknown: bool) -> dict[str, Any]:
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}
    kind = {"mode": "managed", "type": type_, "name": "r", "provider_name": "registry.terraform.io/hashicorp/aws"}
    return {"address": address or f"{type_}.r", **kind, "change": change}


def plan(*changes: dict[str, Any], resources: list[dict[str, Any]] | None = None) -> str:
    root = {"resources": resources or []}
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "resource_changes": changes,
            "configuration": {"root_module": root},
        }
    )


def role(policy: str, **more: Any) -> list[dict[str, Any]]:
    return [
        created("aws_iam_role", {"name": "r", "assume_role_policy": TRUST, **more}),
        created("aws_iam_role_policy", {"name": "p", "role": "r", "policy": policy}),
    ]


def with_task(containers: str) -> str:
    arn = "arn:aws:iam::123456789012:role/r"
    task = {"family": "t", "execution_role_arn": arn, "container_definitions": containers}
    return plan(*role(POLICY % 1), created("aws_ecs_task_definition", task))


def with_reference(reference: str) -> str:
    expressions = {"role": {"references": [f"{reference}.name", reference]}, "policy": {"references": [reference]}}
    kind = {"mode": "managed", "type": "aws_iam_role_policy", "name": "r", "address": "aws_iam_role_policy.r"}
    return plan(
        created("aws_iam_role", {"name": "r", "assume_role_policy": TRUST}, reference),
        created("aws_iam_role_policy", {"name": "p"}, role=True, policy=True),
        resources=[{**kind, "expressions": expressions}],
    )


def plans() -> dict[str, str]:
    cases = {f"reference: {name}": with_reference(reference) for name, reference in REFERENCES.items()}
    for name, value in VALUES.items():
        cases |= {
            f"policy: {name}": plan(*role(POLICY % value)),
            f"trust policy: {name}": plan(*role(POLICY % 1, assume_role_policy=POLICY % value)),
            f"environment: {name}": with_task(CONTAINERS % (value, 1)),
            f"memory: {name}": with_task(CONTAINERS % ('"a"', value)),
            f"containers: {name}": with_task(f"[{value}]"),
            f"attribute: {name}": plan(*role(POLICY % 1, description="@")).replace('"@"', value),
            # Half of a pair in the plan's own text, rather than in the JSON that it quotes.
            f"plain containers: {name}": with_task(f"[{value}]").replace(r"\\ud800", r"\ud800"),
            f"name: {name}": plan(*role(POLICY % 1, path="@")).replace('"@"', value),
        }
    return cases


PLANS = plans()


def refuse(constant: str) -> NoReturn:
    raise AssertionError(constant)


@pytest.mark.parametrize("case", PLANS)
def test_a_hostile_value_is_refused_or_reviewed_in_every_format(case: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(PLANS[case])
    outputs = [part for name in FORMATS for part in ("--output", f"{name}={tmp_path / name}")]
    place = ["--region", "eu-central-1", "--account", "123456789012", "--all"]

    result = CliRunner().invoke(_taskrole, ["review", str(tmp_path / "plan.json"), *place, *outputs])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    if result.exit_code == 1:
        assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
        return
    for name in ("json", "sarif", "gitlab-terraform", "gitlab-codequality"):
        json.loads((tmp_path / name).read_text("utf-8"), parse_constant=refuse)
    ElementTree.fromstring((tmp_path / "junit").read_text("utf-8"))  # noqa: S314 -- our own


@pytest.mark.parametrize("name", ["infinity", "no number", "half a surrogate pair", "a number of 5,000 digits"])
def test_a_policy_with_a_hostile_value_is_never_known(name: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(PLANS[f"policy: {name}"])

    result = CliRunner().invoke(_taskrole, ["review", str(tmp_path / "plan.json"), "--strict", "--format", "json"])

    assert result.exit_code in (3, 4)


@pytest.mark.parametrize("name", [name for name in VALUES if name != "a wrong type"])
def test_a_plan_with_a_hostile_value_at_its_top_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(PLANS[f"attribute: {name}"])

    result = CliRunner().invoke(_taskrole, ["review", str(tmp_path / "plan.json")])

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert " must " in result.stderr
