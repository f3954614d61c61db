"""Tests placeholders for the roles of a task definition."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.taskdef import derive
from taskrole.taskdef.read import parse_document


def codes(data: dict[str, Any]) -> list[str]:
    containers = [{"name": "web", "image": "nginx"}]
    document = parse_document({"family": "web", "containerDefinitions": containers, **data}, "web.json")
    findings = derive([document], Context("aws", "eu-west-1", "111122223333")).findings
    return sorted(finding.code for finding in findings if finding.severity != "note")


@pytest.mark.parametrize("text", ["arn:aws:iam::AWS_ACCOUNT_NUMBER:role/web", "PLACEHOLDER", "${ROLE}"])
def test_the_same_placeholder_for_both_roles_is_two_roles(text: str) -> None:
    assert codes({"executionRoleArn": text, "taskRoleArn": text}) == ["ROLE-PLACEHOLDER", "ROLE-PLACEHOLDER"]


def test_the_same_role_for_both_is_reported() -> None:
    assert codes({"executionRoleArn": "web", "taskRoleArn": "web"}) == ["ROLE-SHARED"]
