"""Tests plans that are incomplete or malformed: refused or unresolved, without a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from taskrole.cli import _taskrole
from tests.review.cases import allow, plan_of, policy, role_change

STRICT = ("--strict", "--require-approval", "broadening")


def run(tmp_path, plan: str | dict[str, Any]):
    file = tmp_path / "plan.json"
    file.write_text(plan if isinstance(plan, str) else json.dumps(plan), encoding="utf-8")
    result = CliRunner().invoke(_taskrole, ["review", str(file), *STRICT])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def inline(text: str) -> dict[str, Any]:
    values = {"name": "own", "role": "web", "policy": text}
    return {
        "address": "aws_iam_role_policy.own",
        "mode": "managed",
        "type": "aws_iam_role_policy",
        "name": "own",
        "change": {"actions": ["create"], "before": None, "after": values, "after_unknown": {}},
    }


def nested(depth: int) -> str:
    return '{"Statement":' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize(
    "text",
    [
        '{"Version": "2012-10-17", "Statement": [], "Statement": []}',
        '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Action": "*", "Resource": "*"}]}',
        nested(1_000),
        nested(100_000),
        json.dumps(policy(allow("s3:GetObject", [f"arn:aws:s3:::b/{number:0180}" for number in range(1_200)]))),
        "[]",
        "null",
        '"\\ud800"',
        "{",
    ],
)
def test_a_malformed_policy_is_unresolved(tmp_path, text: str) -> None:
    result = run(tmp_path, plan_of(role_change(), inline(text)))
    assert result.exit_code == 3
    assert "aws_iam_role_policy.own" in result.output


@pytest.mark.parametrize("flag", [{"errored": True}, {"complete": False}])
def test_an_incomplete_plan_does_not_pass(tmp_path, flag) -> None:
    assert run(tmp_path, plan_of(role_change()) | flag).exit_code == 4


@pytest.mark.parametrize("version", ["2.0", "", "1", None, 1.2])
def test_another_format_is_refused(tmp_path, version) -> None:
    result = run(tmp_path, plan_of(role_change()) | {"format_version": version})
    assert result.exit_code == 1
    assert "format_version" in result.output


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_plan_is_refused(tmp_path, cut: float) -> None:
    text = json.dumps(plan_of(role_change(), inline(json.dumps(policy(allow("*"))))))
    assert run(tmp_path, text[: int(len(text) * cut)]).exit_code == 1


@pytest.mark.parametrize(
    "address", ["", "][", "module.", 'module.x["', "aws_iam_role", "a" * 10_000, "\u2028\x1b[31m", "🤷"]
)
def test_a_malformed_address_hides_no_change(tmp_path, address: str) -> None:
    change = inline(json.dumps(policy(allow("*", "*")))) | {"address": address, "module_address": address}
    result = run(tmp_path, plan_of(change))
    assert result.exit_code in (1, 3)
    assert "\x1b" not in result.output


def test_a_plan_nested_too_deeply_is_refused(tmp_path) -> None:
    change = inline("{}")
    change["change"]["after"]["x"] = "REPLACED"
    text = json.dumps(plan_of(change)).replace('"REPLACED"', "[" * 5_000 + "]" * 5_000)
    assert run(tmp_path, text).exit_code == 1
