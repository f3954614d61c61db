"""Tests values from a Terraform state without its secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.errors import InputError
from taskrole.taskdef.values.state import State, read_state

SECRET = "hunter2-hunter2"


def resource(type_: str, name: str, *instances: Any, **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": type_, "name": name, "instances": list(instances), **more}


STATE = {
    "version": 4,
    "terraform_version": "1.13.0",
    "outputs": {"secret_arn": {"value": "arn:x", "type": "string"}, "key": {"value": SECRET, "sensitive": True}},
    "resources": [
        resource("aws_ecr_repository", "app", {"attributes": {"repository_url": "host/app", "arn": "arn:ecr"}}),
        resource("aws_x", "counted", {"index_key": 0, "attributes": {"id": "zero"}}),
        resource("aws_x", "keyed", {"index_key": "web", "attributes": {"id": "web-id", "n": 3, "on": True}}),
        resource("aws_x", "inner", {"attributes": {"list": [{"arn": "arn:in"}]}}, module='module.app["eu"].module.b'),
        resource("aws_caller_identity", "me", {"attributes": {"account_id": "111122223333"}}, mode="data"),
        resource(
            "aws_ssm_parameter",
            "p",
            {
                "attributes": {"value": SECRET, "password": SECRET, "random": "aB3dE5fG7hJ9kL1mN3", "arn": "arn:p"},
                "sensitive_attributes": [[{"type": "get_attr", "value": "value"}]],
            },
        ),
    ],
}


@pytest.fixture
def state(tmp_path: Path) -> State:
    file = tmp_path / "terraform.tfstate"
    file.write_text(json.dumps(STATE))
    return read_state(file)


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("aws_ecr_repository.app.repository_url", "host/app"),
        ("aws_x.counted[0].id", "zero"),
        ("aws_x.keyed['web'].id", "web-id"),
        ('aws_x.keyed["web"].id', "web-id"),
        ("aws_x.keyed['web'].n", "3"),
        ("aws_x.keyed['web'].on", "true"),
        ("module.app['eu'].module.b.aws_x.inner.list[0].arn", "arn:in"),
        ("data.aws_caller_identity.me.account_id", "111122223333"),
        ("aws_ssm_parameter.p.arn", "arn:p"),
        ("output.secret_arn", "arn:x"),
    ],
)
def test_an_address_has_the_text_of_the_state(state: State, address: str, value: str) -> None:
    assert state.get(address) == value


@pytest.mark.parametrize(
    "address",
    ["output.key", "aws_ssm_parameter.p.value", "aws_ssm_parameter.p.password", "aws_ssm_parameter.p.random"],
)
def test_a_sensitive_value_is_not_read(state: State, address: str) -> None:
    assert state.get(address) is None


@pytest.mark.parametrize(
    "address", ["", "aws_x.none.id", "aws_x.keyed['web']", "aws_x.inner", "a b", "output", "output.none", "[0]", "V"]
)
def test_a_value_of_another_type_is_not_read(state: State, address: str) -> None:
    assert state.get(address) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 3, "resources": []}', SECRET, "[" * 100_000])
def test_a_file_that_is_not_a_state_is_refused_in_one_line_without_its_content(tmp_path: Path, content: str) -> None:
    file = tmp_path / "terraform.tfstate"
    file.write_text(content)

    with pytest.raises(InputError, match="must be a Terraform state of version 4") as error:
        read_state(file)

    assert SECRET not in str(error.value)
