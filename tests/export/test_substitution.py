"""Tests which parts of a policy become variables, and which ARNs get names."""

from __future__ import annotations

import pytest

from taskrole.arns import Context
from taskrole.export.hcl import expression
from taskrole.export.substitution import substitution
from taskrole.export.variables import snake_names
from taskrole.policy.documents.statements import policy_document
from taskrole.role import Role

HERE = Context("aws", "eu-west-1", "111122223333")


@pytest.mark.parametrize(
    ("arn", "written"),
    [
        ("*", '"*"'),
        ("arn:aws:s3:::b/*", '"arn:${var.partition}:s3:::b/*"'),
        ("arn:aws:sqs:eu-west-1:111122223333:q", '"arn:${var.partition}:sqs:${var.region}:${var.account_id}:q"'),
        ("arn:aws:sqs:eu-west-2:111122223333:q", '"arn:${var.partition}:sqs:eu-west-2:${var.account_id}:q"'),
        ("arn:aws:sqs:eu-west-1:444455556666:q", '"arn:${var.partition}:sqs:${var.region}:444455556666:q"'),
        ("arn:aws:sqs:*:*:q", '"arn:${var.partition}:sqs:*:*:q"'),
        ("arn:aws-cn:s3:::b", '"arn:aws-cn:s3:::b"'),
        ("arn:aws:s3:::b-111122223333-eu-west-1", '"arn:${var.partition}:s3:::b-111122223333-eu-west-1"'),
        ("arn:aws:iam::${aws:PrincipalAccount}:r", '"arn:${var.partition}:iam::$${aws:PrincipalAccount}:r"'),
        ("arn:aws:s3:::b/${aws:username}", '"arn:${var.partition}:s3:::b/$${aws:username}"'),
    ],
)
def test_the_parts_of_an_arn_that_are_those_of_the_stack_become_variables(arn: str, written: str) -> None:
    assert expression(substitution([], HERE, []).arn(arn)) == written


def test_without_an_account_only_partition_and_region_are_replaced() -> None:
    substituted = substitution([], Context("aws", "eu-west-1"), []).arn("arn:aws:s3:eu-west-1::x")

    assert expression(substituted) == '"arn:${var.partition}:s3:${var.region}::x"'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("111122223333", "var.account_id"),
        ("eu-west-1", "var.region"),
        ("s3.eu-west-1.amazonaws.com", '"s3.${var.region}.amazonaws.com"'),
        ("s3.eu-west-1.example.com/x", '"s3.eu-west-1.example.com/x"'),
        ("sseu-west-1.amazonaws.com", '"sseu-west-1.amazonaws.com"'),
        ("1111222233334", '"1111222233334"'),
        (False, "false"),
        ([1, 2.5], "[\n  1,\n  2.5,\n]"),
        (["eu-west-1", "eu-west-2"], '[\n  var.region,\n  "eu-west-2",\n]'),
    ],
)
def test_account_and_region_in_a_condition_become_variables(value, written: str) -> None:
    statement = {"Effect": "Allow", "Condition": {"StringEquals": {"k": value}}}

    substituted = substitution([], HERE, []).statement(statement)

    assert expression(substituted["Condition"]["StringEquals"]["k"]) == written


def test_elements_other_than_resources_and_conditions_are_unchanged() -> None:
    statement = {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject", "eu-west-1"], "NotResource": "111122223333"}

    assert substitution([], HERE, []).statement(statement) == statement


ARNS = {
    "secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-??????",
    "parameter": "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b",
    "repository": "arn:aws:ecr:eu-west-1:111122223333:repository/shop/web",
    "stream": "arn:aws:logs:eu-west-1:111122223333:log-group:/web:log-stream:web/*",
    "other stream": "arn:aws:logs:eu-west-1:111122223333:log-group:/web:log-stream:",
    "any secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*",
    "bucket": "arn:aws:s3:::b",
}


def test_with_names_the_arns_of_secrets_repositories_and_log_groups_can_be_replaced() -> None:
    document = policy_document([{"Effect": "Allow", "Action": "a:B", "Resource": list(ARNS.values())}])
    substituted = substitution([document], HERE, ["secrets", "repositories", "logs"])

    written = {name: expression(substituted.statement({"Resource": arn})["Resource"]) for name, arn in ARNS.items()}

    assert written == {
        "secret": 'local.secret_arns["db-??????"]',
        "parameter": 'local.secret_arns["/a/b"]',
        "repository": 'local.repository_arns["shop/web"]',
        "stream": '"${local.log_group_arns["/web"]}:log-stream:web/*"',
        "other stream": '"${local.log_group_arns["/web"]}:log-stream:"',
        "any secret": '"arn:${var.partition}:secretsmanager:${var.region}:${var.account_id}:secret:*"',
        "bucket": '"arn:${var.partition}:s3:::b"',
    }
    assert list(substituted.defaults("secrets")) == ["/a/b", "db-??????"]


def test_two_arns_with_the_same_name_are_keyed_by_the_whole_arn() -> None:
    arns = [f"arn:aws:ecr:{region}:111122223333:repository/web" for region in ("eu-west-1", "eu-west-2")]
    document = policy_document([{"Effect": "Allow", "Action": "a:B", "Resource": arns}])

    substituted = substitution([document], HERE, ["repositories"])

    assert list(substituted.defaults("repositories")) == arns


def test_only_requested_arns_get_a_name() -> None:
    document = policy_document([{"Effect": "Allow", "Action": "a:B", "Resource": list(ARNS.values())}])

    substituted = substitution([document], HERE, ["logs"])

    assert substituted.defaults("secrets") == {}
    assert set(substituted.defaults("logs")) == {"/web"}


def test_roles_get_distinct_names_in_snake_case() -> None:
    keys = ["fcjEcsTaskExecutionRole", "HTTPServer2", "web-task", "web_task", "webTask", "9.+x", "é", "__a"]

    names = snake_names([Role(key, "task", {}) for key in keys])

    assert names == {
        "fcjEcsTaskExecutionRole": "fcj_ecs_task_execution_role",
        "HTTPServer2": "http_server2",
        "web-task": "web_task_0b5a3f",
        "web_task": "web_task",
        "webTask": "web_task_a5117c",
        "9.+x": "role_9_x",
        "é": "role",
        "__a": "a",
    }
