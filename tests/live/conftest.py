"""An embedded AWS for the tests of commands that read an account, and the command line against it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from taskrole.local.environment import environment
from taskrole.local.record import ServerRecord
from tests import aws_client
from tests.forked import run_taskrole
from tests.forked_aws import forked_aws

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRecord]:
    """An embedded AWS for each module of tests."""
    folder = tmp_path_factory.mktemp("live")
    with forked_aws(folder) as record:
        yield record


@pytest.fixture(scope="module")
def client(aws: ServerRecord) -> Callable[[str], Any]:
    return partial(aws_client.client, aws)


@pytest.fixture
def run(aws: ServerRecord, tmp_path: Path) -> Run:
    """Run taskrole in its own folder, against the embedded AWS or by the given variables."""
    return runner(aws, tmp_path)


def runner(aws: ServerRecord, folder: Path) -> Run:
    """Return a function that runs taskrole in a folder with its own cache of answers."""

    def taskrole(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        own = {**environment(os.environ, aws), "XDG_CACHE_HOME": str(folder / "cache"), **variables}
        done = run_taskrole(arguments, folder, own, timeout=300)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return taskrole
