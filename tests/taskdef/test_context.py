"""Tests account and region: given, from a taskDefinitionArn, or in part from ARNs of roles; never guessed."""

from __future__ import annotations

import pytest

from taskrole.arns import Context
from taskrole.errors import InputError
from taskrole.taskdef import TaskDocument, parse_document, resolve_context

ARN = "arn:aws-cn:ecs:cn-north-1:444455556666:task-definition/kiosk:3"
ROLE = "arn:aws:iam::111122223333:role/kiosk"


def document(file: str = "a.json", **fields) -> TaskDocument:
    return parse_document({"containerDefinitions": [], **fields}, file)


@pytest.mark.parametrize(
    ("documents", "given", "context"),
    [
        ([], {"region": "eu-west-1", "account": "111122223333"}, Context("aws", "eu-west-1", "111122223333")),
        ([document(taskDefinitionArn=ARN)], {}, Context("aws-cn", "cn-north-1", "444455556666")),
        (
            [document(taskDefinitionArn=ARN)],
            {"region": "eu-west-1", "account": "111122223333"},
            Context("aws", "eu-west-1", "111122223333"),
        ),
        (
            [document(taskDefinitionArn=ARN)],
            {"account": "111122223333"},
            Context("aws-cn", "cn-north-1", "111122223333"),
        ),
        ([document(executionRoleArn=ROLE)], {"region": "eu-west-1"}, Context("aws", "eu-west-1", "111122223333")),
        ([document(taskRoleArn=ROLE)], {"region": "eu-west-1"}, Context("aws", "eu-west-1", "111122223333")),
        (
            [document(taskDefinitionArn=ARN, executionRoleArn=ROLE)],
            {},
            Context("aws-cn", "cn-north-1", "444455556666"),
        ),
        ([document(taskRoleArn=ROLE)], {"region": "eu-east-9"}, Context("aws", "eu-east-9", "111122223333")),
        (
            [document(taskRoleArn="", executionRoleArn="kiosk")],
            {"region": "us-gov-west-1", "account": "111122223333"},
            Context("aws-us-gov", "us-gov-west-1", "111122223333"),
        ),
    ],
)
def test_options_come_before_the_task_definition_and_its_roles(documents, given, context) -> None:
    assert resolve_context(documents, **given) == context


REGION = "set --region, region in roles.yaml, or a task definition as `aws ecs describe-task-definition` returns it"
ACCOUNT = "set --account, account in roles.yaml, a taskDefinitionArn, or a role's ARN in the task definition"


@pytest.mark.parametrize(
    ("documents", "given", "messages"),
    [
        ([document()], {}, [f"context: account: is not known; {ACCOUNT}", f"context: region: is not known; {REGION}"]),
        ([document()], {"region": "eu-west-1"}, [f"context: account: is not known; {ACCOUNT}"]),
        ([document(executionRoleArn=ROLE)], {}, [f"context: region: is not known; {REGION}"]),
        ([document(executionRoleArn="arn:aws:iam::XXXXXXXXXXXX:role/x")], {"region": "eu-west-1"}, [ACCOUNT]),
        ([document(taskDefinitionArn="arn:aws:ecs:eu-west-1:<id>:task-definition/x:1")], {}, [ACCOUNT, REGION]),
        (
            [],
            {"region": "eu-west-99x", "account": "12", "partition": "amazon"},
            [
                "context: account: must be 12 digits; got '12'",
                "context: partition: must be one of aws, ",
                "context: region: must be a region such as eu-central-1; got 'eu-west-99x'; did you mean eu-west-",
            ],
        ),
        ([], {"region": "eu-Wst-1", "account": "111122223333"}, ["must be a region such as"]),
        ([], {"region": "eu-west-\u0661", "account": "111122223333"}, ["must be a region such as"]),
        (
            [],
            {"region": "eu-west-1", "account": "111122223333", "partition": "aws-cn"},
            ["context: region: eu-west-1 is not a region of partition aws-cn"],
        ),
        (
            [
                document("a.json", taskDefinitionArn=ARN),
                document("b.json", taskDefinitionArn=ARN.replace("444", "777")),
            ],
            {},
            [
                "context: account: differs between task definitions: 444455556666 in a.json, 777455556666 in b.json;"
                " derive them separately, or set --account"
            ],
        ),
        (
            [
                document("a.json", taskDefinitionArn=ARN),
                document("b.json", taskDefinitionArn=ARN.replace("north", "northwest")),
            ],
            {},
            ["context: region: differs between task definitions: cn-north-1 in a.json, cn-northwest-1 in b.json"],
        ),
        (
            [document(executionRoleArn=ROLE, taskRoleArn=ROLE.replace("111", "777"))],
            {"region": "eu-west-1"},
            ["context: account: differs between task definitions: 111122223333 in a.json, 777122223333 in a.json"],
        ),
    ],
)
def test_a_missing_or_contradictory_value_is_named_with_its_options(documents, given, messages) -> None:
    with pytest.raises(InputError) as caught:
        resolve_context(documents, **given)

    lines = str(caught.value).splitlines()
    assert len(lines) == len(messages)
    for line, message in zip(lines, messages, strict=True):
        assert message in line


def test_a_given_value_settles_a_difference_of_documents() -> None:
    documents = [document(taskDefinitionArn=ARN), document(taskDefinitionArn=ARN.replace("444", "777"))]

    assert resolve_context(documents, account="111122223333") == Context("aws-cn", "cn-north-1", "111122223333")
