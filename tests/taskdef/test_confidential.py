"""Tests that messages quote neither values of environment variables nor possible secrets."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.errors import quote, without_credentials
from taskrole.taskdef import Options, derive
from taskrole.taskdef.confidential import looks_secret
from taskrole.taskdef.read import parse_document

CONTEXT = Context("aws", "eu-central-1", "123456789012")
SECRET = "s3cr3t-hunter2"


def messages(**container: Any) -> str:
    data = {"containerDefinitions": [{"name": "web", "image": "nginx", **container}]}
    options = Options(sidecars=("appmesh", "fault-injection"))
    derivation = derive([parse_document(data, "task.json")], CONTEXT, options)
    errors = [finding.message for finding in derivation.findings if finding.severity == "error"]
    assert errors
    return "\n".join(errors)


ENVIRONMENTS: dict[str, Any] = {
    "a number": [{"name": "PIN", "value": 48151623}],
    "a list of texts": [f"PASSWORD={SECRET}"],
    "text": f"PASSWORD={SECRET}",
    "a placeholder": [{"name": "aws_fluent_bit_init_s3_1", "value": f"${{{SECRET}}}"}],
    "no ARN": [{"name": "aws_fluent_bit_init_s3_1", "value": SECRET}],
    "another partition": [{"name": "aws_fluent_bit_init_s3_1", "value": f"arn:aws-cn:s3:::bucket/{SECRET}"}],
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_values_of_environment_variables_are_not_quoted(environment: Any) -> None:
    text = messages(environment=environment, firelensConfiguration={"type": "fluentbit"})

    assert SECRET not in text
    assert "48151623" not in text


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("public.ecr.aws/appmesh/aws-appmesh-envoy:v1", "APPMESH_VIRTUAL_NODE_NAME"),
        ("public.ecr.aws/amazon-ssm-agent/amazon-ssm-agent:3", "MANAGED_INSTANCE_ROLE_NAME"),
    ],
)
def test_the_variables_of_sidecars_are_not_quoted(image: str, name: str) -> None:
    data = {
        "enableFaultInjection": True,
        "containerDefinitions": [
            {"name": "x", "image": image, "environment": [{"name": name, "value": f"{SECRET} !"}]}
        ],
    }

    derivation = derive([parse_document(data, "x")], CONTEXT, Options(sidecars=("appmesh", "fault-injection")))

    texts = [finding.message for finding in derivation.findings]
    assert any("a value which is not shown" in text for text in texts)
    assert not any(SECRET in text for text in texts)


@pytest.mark.parametrize(
    "value",
    [
        "correct horse battery staple",
        "hunter2!",
        "dGhpcyBpcyBhIHNlY3JldA==",
        "abc/wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "https://user:hunter2@example.com/path",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a/x",
        "0123456789abcdef0123456789abcdef/x",
        "pa$$word1",
        "xoxb-1-2/x",
        48151623,
    ],
)
def test_a_secret_in_place_of_its_name_is_not_quoted(value: Any) -> None:
    text = messages(secrets=[{"name": "KEY", "valueFrom": value}])

    assert "not shown" in text
    assert str(value) not in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "value", ["team/name", "/team/name:3", "arn:aws:s3:::bucket", "${SECRET_ARN}", "/shop/{{env}}/key", "a//b"]
)
def test_a_wrong_name_is_quoted(value: str) -> None:
    assert not looks_secret(value)
    assert repr(value) in messages(secrets=[{"name": "KEY", "valueFrom": value}])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:pass@host/x", "https://…@host/x"),
        ("https://token@host/x", "https://…@host/x"),
        ("https://user:p/a@ss@host/x", "https://…@host/x"),
        ('got "https://a:b@c" and "http://d"', 'got "https://…@c" and "http://d"'),
        ("https://host/path@x", "https://host/path@x"),
        ("me@example.com", "me@example.com"),
    ],
)
def test_credentials_of_a_url_are_masked(text: str, expected: str) -> None:
    assert without_credentials(text) == expected


def test_a_url_in_a_message_has_no_credentials() -> None:
    assert quote(f"https://user:{'x' * 200}@host") == "'https://…@host'"
