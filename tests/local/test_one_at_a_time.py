"""Tests that the embedded AWS answers one request at a time, since moto's tables are not safe for threads."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

from taskrole.local.serve import aws_application, one_at_a_time


def ignored(*_: Any) -> None:
    """Start a response that is not sent."""


class Application:
    """Counts the requests that it answers at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, *_: Any) -> Iterator[bytes]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            time.sleep(0.01)
            yield b"answer"
        finally:
            with self.lock:
                self.now -= 1


def test_requests_are_answered_one_after_the_other() -> None:
    application = Application()
    answer = one_at_a_time(application)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: list(answer({}, ignored)), range(16)))

    assert answers == [[b"answer"]] * 16
    assert application.most == 1


def test_a_failed_request_does_not_block_the_next() -> None:
    def failing(*_: Any) -> Iterable[bytes]:
        raise RuntimeError("no answer")

    answer = one_at_a_time(failing, longest_turn=60)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no answer"):
            answer({}, ignored)


def test_a_request_that_another_one_waits_for_is_answered() -> None:
    def asking(environ: dict[str, Any], _: Any) -> Iterable[bytes]:
        if environ.get("inner"):
            return [b"inner"]
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(answer, {"inner": True}, ignored).result(30)

    answer = one_at_a_time(asking, longest_turn=0.05)

    assert list(answer({}, ignored)) == [b"inner"]


@pytest.fixture
def many_switches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let threads take turns a thousand times as often as usual."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("many_switches")
def test_roles_created_and_read_in_parallel_all_succeed() -> None:
    aws = Client(aws_application())
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    scope = "Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x"

    def statuses(number: int) -> list[int]:
        calls: list[dict[str, str]] = [
            {"Action": "CreateRole", "AssumeRolePolicyDocument": policy},
            *[{"Action": "GetRole"}] * 2,
        ]
        common = {"Version": "2010-05-08", "RoleName": f"role-{number}"}
        headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}"}
        return [aws.post("/", data={**common, **call}, headers=headers).status_code for call in calls]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(statuses, range(400)))

    assert {status for some in answers for status in some} == {200}
