"""Applies configurations, and reads IAM afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskrole.local.environment import environment
from taskrole.local.record import ServerRecord
from taskrole.local.terraform import terraform_environment
from tests.e2e.console import clear
from tests.e2e.post_apply.account import iam_clients
from tests.e2e.post_apply.workspace import Workspace


@pytest.fixture
def accounts(embedded_aws: ServerRecord) -> Iterator[dict[str, Any]]:
    """Clients of IAM by account; roles are removed after each test."""
    clients = iam_clients(embedded_aws)
    yield clients
    for iam in clients.values():
        clear(iam)


@pytest.fixture
def workspace(
    tmp_path: Path,
    terraform: str,
    embedded_aws: ServerRecord,
    attached: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Workspace:
    # A review reads files below the working folder only.
    monkeypatch.chdir(tmp_path)
    variables = terraform_environment(environment(os.environ, embedded_aws), tmp_path)
    return Workspace(tmp_path / "configuration", variables, terraform, attached)
