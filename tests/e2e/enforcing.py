"""An AWS that enforces what policies say: ministack with AUTH=true, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ACCOUNT = "111122223333"
REGION = "eu-west-1"
START_TIMEOUT = 60.0
_SERVER = "tests.e2e.enforcing_server"


@dataclass(frozen=True)
class EnforcingAws:
    """Its address; calls are made as the root of the account unless credentials are given."""

    endpoint: str

    def variables(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
        }

    def environment(self) -> dict[str, str]:
        """Return the environment of this process without settings of a real account."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**plain, **self.variables()}

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, **keys)

    def assume(self, role_arn: str, session: str = "task") -> dict[str, str]:
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session)["Credentials"]
        return {
            "aws_access_key_id": answer["AccessKeyId"],
            "aws_secret_access_key": answer["SecretAccessKey"],
            "aws_session_token": answer["SessionToken"],
        }


@contextmanager
def enforcing_aws(folder: Path) -> Iterator[EnforcingAws]:
    """Run it until the end of the block; its log is written to the folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
    }
    with (folder / "ministack.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", _SERVER], cwd=folder, env=variables, stdout=log, stderr=log)
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait_for(f"{endpoint}/_ministack/health", process)
            yield EnforcingAws(endpoint)
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        assert process.poll() is None, "ministack ended while starting"
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 -- http, on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within {START_TIMEOUT} s")
