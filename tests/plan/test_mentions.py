"""Tests the values at a path of a resource, known or unknown."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from taskrole.plan.configuration import Configuration
from taskrole.plan.mentions import Mention, mentions
from taskrole.plan.reader import read_plan
from tests.review.cases import change, plan_of

ARN = "arn:aws:iam::123456789012:role/web"
REFERENCE = {"constant_value": "${aws_iam_role.web.arn}", "references": ["aws_iam_role.web.arn", "aws_iam_role.web"]}
BELIEVED = ("${aws_iam_role.web.arn}", ("aws_iam_role.web.arn",))


def mentions_of(kind: str, path: str, after: Any, unknown: Any = None, expressions: Any = None) -> list[Mention]:
    data = plan_of(change(f"{kind}.x", ["create"], None, after, unknown=unknown or {}))
    resource = {"mode": "managed", "type": kind, "name": "x", "address": f"{kind}.x", "expressions": expressions or {}}
    data["configuration"]["root_module"] = {"resources": [resource]}
    plan = read_plan(BytesIO(json.dumps(data).encode()), "plan")
    return mentions(plan.changes[0], path, "after", Configuration(plan))


@pytest.mark.parametrize("after", [{}, {"role": None}, {"role": ""}])
def test_an_unset_attribute_is_no_mention(after) -> None:
    assert mentions_of("aws_lambda_function", "role", after) == []


def test_an_unknown_value_comes_with_its_expression() -> None:
    written = {"role": REFERENCE}
    assert mentions_of("aws_lambda_function", "role", {}, {"role": True}, written) == [Mention("role", None, *BELIEVED)]


def test_a_computed_value_is_no_mention() -> None:
    assert mentions_of("aws_ecs_service", "iam_role", {}, {"iam_role": True}) == []


def test_a_block_is_followed_in_values_and_in_the_configuration() -> None:
    path = "ecs_target.task_definition_arn"
    unknown = {"ecs_target": [{"task_definition_arn": True}]}
    written = {"ecs_target": [{"task_definition_arn": REFERENCE}]}
    assert mentions_of("aws_cloudwatch_event_target", path, {"ecs_target": [{}]}, unknown, written) == [
        Mention(path, None, *BELIEVED)
    ]


def test_a_dynamic_block_has_no_expression() -> None:
    path = "ecs_target.task_definition_arn"
    unknown = {"ecs_target": [{"task_definition_arn": True}]}
    assert mentions_of("aws_cloudwatch_event_target", path, {"ecs_target": [{}]}, unknown) == [Mention(path, None)]


def test_a_list_can_be_partly_known() -> None:
    after, unknown = {"role_arns": [ARN, None]}, {"role_arns": [False, True]}
    written = {
        "role_arns": {"constant_value": [ARN, "${aws_iam_role.web.arn}"], "references": ["aws_iam_role.web.arn"]}
    }
    assert mentions_of("aws_rolesanywhere_profile", "role_arns", after, unknown, written) == [
        Mention("role_arns", ARN),
        Mention("role_arns", None, *BELIEVED),
    ]


def test_a_map_is_read_by_key() -> None:
    after, unknown = {"roles": {"authenticated": ARN}}, {"roles": {"unauthenticated": True}}
    assert mentions_of("aws_cognito_identity_pool_roles_attachment", "roles", after, unknown) == [
        Mention("roles.authenticated", ARN),
        Mention("roles.unauthenticated", None),
    ]


@pytest.mark.parametrize("key", ["jobRoleArn", "JobRoleArn"])
def test_json_keys_are_read_case_insensitively(key) -> None:
    after = {"container_properties": json.dumps({key: ARN})}
    path = "container_properties{}.jobRoleArn"
    assert mentions_of("aws_batch_job_definition", path, after) == [Mention(path, ARN)]


def test_unknown_json_is_read_from_its_expression() -> None:
    text = json.dumps({"jobRoleArn": "${aws_iam_role.web.arn}", "image": "${aws_ecr_repository.web.repository_url}"})
    written = {"container_properties": {"constant_value": text, "references": ["aws_iam_role.web.arn"]}}
    path = "container_properties{}.jobRoleArn"
    unknown = {"container_properties": True}
    assert mentions_of("aws_batch_job_definition", path, {}, unknown, written) == [Mention(path, None, *BELIEVED)]
    assert (
        mentions_of("aws_batch_job_definition", "container_properties{}.executionRoleArn", {}, unknown, written) == []
    )


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "[1, 2]", '"text"', "[" * 150 + "]" * 150])
def test_text_that_is_not_a_json_object_is_no_mention(text) -> None:
    assert (
        mentions_of("aws_batch_job_definition", "container_properties{}.jobRoleArn", {"container_properties": text})
        == []
    )
