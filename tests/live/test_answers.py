"""Tests answers of AWS: validated before use, with a deadline for calls."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from taskrole.errors import ToolError
from taskrole.live.answers import ANSWERS, AnswerError, check_answer
from taskrole.live.client import LONGEST_MESSAGE, aws_errors
from taskrole.live.limited_session import LimitedSession
from taskrole.live.needs import NEEDS
from taskrole.live.service import Service
from tests.proof.healthy_account import ANSWERS as HEALTHY

ROLE = HEALTHY["iam:GetRole"]["Role"]
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def test_every_call_that_a_verb_makes_has_a_schema_and_a_healthy_answer() -> None:
    called = {action for needs in NEEDS.values() for need in needs for action in need.actions}

    assert called <= set(ANSWERS)
    assert set(HEALTHY) == set(ANSWERS)
    for action, answer in HEALTHY.items():
        check_answer(action, answer)


@pytest.mark.parametrize(
    ("action", "answer", "problem"),
    [
        ("iam:GetRole", {}, "Role is missing"),
        ("iam:GetRole", {"Role": []}, "Role must be an object; it is an array"),
        ("iam:GetRole", {"Role": {**ROLE, "Arn": "arn:x"}}, "Role.Arn must be a role's ARN; got 'arn:x'"),
        ("iam:GetRole", {"Role": {**ROLE, "Tags": [{"Key": "a"}]}}, "Role.Tags[0].Value is missing"),
        ("iam:GetRole", {"Role": {**ROLE, "Path": "../"}}, "Role.Path must be a path of IAM; got '../'"),
        ("iam:GetRole", {"Role": {**ROLE, "Path": 5}}, "Role.Path must be a path of IAM; it is a number"),
        ("iam:GetRole", {"Role": {**ROLE, "Path": "\x1b"}}, r"Role.Path must be a path of IAM; got '\x1b'"),
        (
            "iam:GetRole",
            {"Role": {**ROLE, "MaxSessionDuration": True}},
            "Role.MaxSessionDuration must be a whole number; it is a boolean",
        ),
        (
            "iam:GetRolePolicy",
            {"PolicyDocument": "%7B"},
            "PolicyDocument must be a policy document; it is not JSON",
        ),
        (
            "iam:GetRolePolicy",
            {"PolicyDocument": {"Statement": [{**STATEMENT, "Action": [5]}]}},
            "PolicyDocument must be a policy document; statement 1: Action must be text or a list of text; got [5]",
        ),
        (
            "iam:GetRolePolicy",
            {"PolicyDocument": {"Statement": [{**STATEMENT, "Condition": {"\x1b": {"k": None}}}]}},
            "PolicyDocument must be a policy document; statement 1: Condition \\x1b: 'k' must be text, a finite number,"
            " a boolean or a list; got None",
        ),
        (
            "iam:ListRolePolicies",
            {"PolicyNames": [], "IsTruncated": True},
            "Marker is missing, though IsTruncated is true",
        ),
        (
            "iam:ListRolePolicies",
            {"PolicyNames": [], "IsTruncated": "false"},
            "IsTruncated must be true or false; it is text",
        ),
        (
            "ecs:DescribeTaskDefinition",
            {"taskDefinition": {**HEALTHY["ecs:DescribeTaskDefinition"]["taskDefinition"], "containerDefinitions": []}},
            "taskDefinition.containerDefinitions must have at least 1 item; it is empty",
        ),
        ("ecs:ListClusters", {}, "clusterArns is missing"),
        ("ecs:ListClusters", {"clusterArns": "x"}, "clusterArns must be an array; it is text"),
    ],
)
def test_an_undocumented_answer_is_refused_with_its_member(action: str, answer: Any, problem: str) -> None:
    with pytest.raises(AnswerError) as caught:
        check_answer(action, answer)

    assert str(caught.value) == f"{action} returned an answer that is not as documented: {problem}"


@contextmanager
def dripping() -> Iterator[str]:
    """Serve an endless answer, a byte at a time: no single read is late."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not is_over.wait(0.05):
                    connection.sendall(b" ")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        is_over.set()
        thread.join(5)


def test_a_slow_answer_ends_at_the_deadline() -> None:
    with dripping() as endpoint:
        iam = Service("iam", _client(endpoint), seconds=0.5)
        start = time.monotonic()

        with pytest.raises(ToolError, match="iam:GetRole: AWS did not answer completely within"):
            iam.ask("get_role", RoleName="web")

    assert time.monotonic() - start < 5


@contextmanager
def sending(content: bytes, *, is_closed: bool) -> Iterator[str]:
    """Serve the beginning of an answer of 100 bytes, and then nothing; `is_closed` closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + content)
                is_over.wait(0 if is_closed else 10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        is_over.set()
        thread.join(5)


@pytest.mark.parametrize(("is_closed", "reason"), [(True, "Connection broken"), (False, "Read timeout")])
def test_a_truncated_answer_is_an_error_in_one_line_that_names_the_call(is_closed: bool, reason: str) -> None:
    with sending(b"<Get", is_closed=is_closed) as endpoint:
        client = _client(endpoint, read_timeout=0.3)
        client._endpoint.http_session = LimitedSession(client._endpoint.http_session)

        with pytest.raises(ToolError) as caught, aws_errors("reading role web (iam:GetRole)"):
            Service("iam", client).ask("get_role", RoleName="web")

    assert str(caught.value).startswith("reading role web (iam:GetRole): ")
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_long_message_of_a_server_is_shortened() -> None:
    with pytest.raises(ToolError) as caught, aws_errors("reading role web (iam:GetRole)"):
        raise ClientError({"Error": {"Code": "Denied", "Message": "x" * 100_000}}, "GetRole")

    assert len(str(caught.value)) == LONGEST_MESSAGE


def test_all_calls_together_end_at_the_deadline() -> None:
    iam = Service("iam", None, total=0)

    with pytest.raises(ToolError, match="iam:GetRole: AWS did not answer all calls within 0 seconds"):
        iam.ask("get_role", RoleName="web")


class _Empty:
    """A client without answers."""

    def get_role(self, **_: Any) -> dict[str, Any]:
        return {}


def test_an_answer_is_validated_before_it_is_used() -> None:
    with pytest.raises(AnswerError, match="Role is missing"):
        Service("iam", _Empty()).ask("get_role", RoleName="web")


class _SamePage:
    """A listing whose pages all name the same next page."""

    def list_role_policies(self, **_: Any) -> dict[str, Any]:
        return {"PolicyNames": ["a"], "IsTruncated": True, "Marker": "again"}


def test_a_circular_listing_ends_with_an_error() -> None:
    iam = Service("iam", _SamePage())

    with pytest.raises(AnswerError, match=r"iam:ListRolePolicies .* Marker leads back to a page that was read"):
        list(iam.pages("list_role_policies", RoleName="web"))


def test_credentials_of_the_endpoint_are_not_in_the_message() -> None:
    iam = Service("iam", _client("http://user:hunter2@127.0.0.1:1/?token=hunter3"))

    with pytest.raises(ToolError) as caught, aws_errors("reading role web (iam:GetRole)"):
        iam.ask("get_role", RoleName="web")

    assert "127.0.0.1:1" in str(caught.value)
    assert "hunter" not in str(caught.value)


def _client(endpoint: str, **settings: Any) -> Any:
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, **settings)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("iam", endpoint_url=endpoint, region_name="eu-central-1", config=config, **keys)
