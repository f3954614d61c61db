"""A shared AWS provider for many commands, each of which would take more than a second of processor time to start it.

Terraform attaches to a running provider (`TF_REATTACH_PROVIDERS`), as for debugging. Such a
provider knows one configuration at a time, and has the environment that it was started in: a test with several provider
configurations, or with other variables for the provider than all others, lets Terraform start its own
(`Project.with_own_provider`). `terraform init` neither installs nor locks a running provider.

A proxy between them shows Terraform only the resource types of the tests: reading all of the
provider's takes each command over two seconds more (`fewer_schemas.cjs`).
Source: https://developer.hashicorp.com/terraform/plugin/debugging
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from taskrole.local.terraform import find_mirror
from tests.apart import runs_apart
from tests.e2e.project import ATTACH

_PROGRAM = "registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws_*"
_ATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'")
_LONGEST_START = 30.0  # seconds
_FEWER = Path(__file__).with_name("fewer_schemas.cjs")
# Prefixes of the types that Terraform loads; a test with another type adds it here.
TYPES = (
    "aws_caller_identity",
    "aws_cloudwatch_log_group",
    "aws_ecr_repository",
    "aws_ecs_",
    "aws_iam_",
    "aws_partition",
    "aws_region",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_subnets",
)


@contextmanager
def shared_provider(variables: Mapping[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """Start a provider, and yield the variable with which Terraform attaches to it.

    It yields None without a provider on this machine, and if tests run apart.
    """
    mirror = None if runs_apart() else find_mirror(variables)
    programs = sorted(mirror.glob(_PROGRAM)) if mirror else []
    if not programs:
        yield {}
        return
    log = folder / "provider.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [programs[-1], "-debug"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(variables)
        )
    try:
        with _with_fewer_types(_address(process, log)) as address:
            yield {ATTACH: address}
    finally:
        process.kill()
        process.wait()


@contextmanager
def _with_fewer_types(address: str) -> Iterator[str]:
    """Yield the address of a proxy to a provider with only TYPES. Without Node: the address of the provider."""
    node = shutil.which("node")
    if node is None:
        yield address
        return
    ((name, provider),) = json.loads(address).items()
    # Not in the folder of a test: the path of a socket has at most 103 bytes.
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [node, str(_FEWER), provider["Addr"]["String"], f"{folder}/aws", *TYPES],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        ) as process,
    ):
        try:
            assert process.stdout
            assert process.stdout.readline() == b"listening\n"
            yield json.dumps({name: {**provider, "Addr": {"Network": "unix", "String": f"{folder}/aws"}}})
        finally:
            process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline and process.poll() is None:
        match = _ATTACH.search(log.read_text("utf-8", errors="replace"))
        if match:
            return match.group(1)
        time.sleep(0.05)
    raise AssertionError(f"the provider did not start: {log.read_text('utf-8', errors='replace')[-500:]}")
