"""A project in its own folder, the real terraform with the real AWS provider, and an embedded AWS over HTTP."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskrole.local.environment import environment
from taskrole.local.record import ServerRecord
from taskrole.local.terraform import find_mirror, require_terraform, terraform_environment
from tests.aws_client import client
from tests.e2e.console import clear
from tests.e2e.enforcing import EnforcingAws, enforcing_aws
from tests.e2e.project import Project
from tests.e2e.shared_provider import shared_provider
from tests.forked_aws import forked_aws

# Terraform and the provider run for seconds: less garbage collection saves a quarter of their time.
os.environ.setdefault("GOGC", "400")

REGISTRY = "https://registry.terraform.io/.well-known/terraform.json"


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if item.nodeid.startswith("tests/e2e/"):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def terraform() -> str:
    """The terraform program, if it has an AWS provider."""
    if shutil.which("terraform") is None:
        pytest.skip("NOT RUN: terraform is missing on this machine")
    if find_mirror(os.environ) is None and not _registry_answers():
        pytest.skip("NOT RUN: no AWS provider on this machine, and the Terraform registry does not answer")
    return require_terraform()


def _registry_answers() -> bool:
    try:
        with urllib.request.urlopen(REGISTRY, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRecord]:
    folder = tmp_path_factory.mktemp("embedded-aws")
    with forked_aws(folder) as record:
        yield record


@pytest.fixture(scope="session")
def attached(
    terraform: str, embedded_aws: ServerRecord, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The variable with which Terraform uses the shared provider of a session."""
    folder = tmp_path_factory.mktemp("provider")
    with shared_provider(environment(os.environ, embedded_aws), folder) as variables:
        yield variables


@pytest.fixture(scope="session")
def enforced(terraform: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EnforcingAws, dict[str, str]]]:
    """An AWS that enforces policies, with the variables for Terraform. Each test has names of its own."""
    folder = tmp_path_factory.mktemp("enforced")
    with enforcing_aws(folder) as aws, shared_provider(aws.environment(), folder) as attached:
        yield aws, {**terraform_environment(aws.environment(), folder), **attached}


@pytest.fixture
def iam(embedded_aws: ServerRecord) -> Any:
    return client(embedded_aws, "iam")


@pytest.fixture
def project(tmp_path: Path, terraform: str, embedded_aws: ServerRecord, attached: dict[str, str]) -> Iterator[Project]:
    """A project in an account without roles, which is cleaned up after each test."""
    folder = tmp_path / "project"
    folder.mkdir()
    variables = terraform_environment(environment(os.environ, embedded_aws), tmp_path)
    variables.pop("TASKROLE_CONFIG", None)
    yield Project(folder, {**variables, **attached}, terraform)
    clear(client(embedded_aws, "iam"))
