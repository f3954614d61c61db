"""Tests auditing 40 services: number of calls, concurrent calls, and the cost of a bad network or a busy AWS.

By `make test-extra` the same with 200 services.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from taskrole.local.record import ServerRecord
from tests.forked_aws import forked_aws
from tests.live.conftest import Run, runner
from tests.live.filled import fill
from tests.live.proxy import proxy_to, throttled

CLUSTERS = 4


def calls(services: int) -> dict[str, int]:
    """Return the number of calls of an audit by operation."""
    return {
        "GetCallerIdentity": 1,
        "ListClusters": 1,
        "ListServices": CLUSTERS,
        "DescribeServices": services // 10,
        "DescribeTaskDefinition": services,
        "GetAccountAuthorizationDetails": 1,
    }


@pytest.fixture(scope="module", params=[40, pytest.param(200, marks=pytest.mark.extra)])
def services(request: pytest.FixtureRequest) -> int:
    """The number of services of the account."""
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def aws(services: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRecord]:
    """An embedded AWS for each number of services."""
    folder = tmp_path_factory.mktemp("services")
    with forked_aws(folder) as record:
        yield record


@pytest.fixture(scope="module", autouse=True)
def _filled(client, services: int) -> None:
    fill(client, services)


@dataclass(frozen=True)
class Audit:
    """The output of an audit of the whole account, and its calls."""

    printed: str
    operations: list[str]
    most_at_once: int


@pytest.fixture(scope="module")
def whole(aws, _filled: None, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    with proxy_to(aws) as proxy:
        done = runner(aws, tmp_path_factory.mktemp("whole"))("audit", "--format", "json", **proxy.variables)
    return Audit(done.stdout, proxy.operations, proxy.most_at_once)


def test_services_take_few_calls_ten_at_a_time(whole: Audit, services: int) -> None:
    assert json.loads(whole.printed)["summary"]["services"] == services
    assert len(whole.operations) <= 4 * services
    assert Counter(whole.operations) == calls(services)
    assert 1 < whole.most_at_once <= 10


def test_a_network_failure_loses_no_service(aws, run: Run, tmp_path: Path, whole: Audit, services: int) -> None:
    arguments = ("audit", "--format", "json")
    middle = services // 2 + 20
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: "cut" if number > middle else None
        failed = run(*arguments, AWS_MAX_ATTEMPTS="1", **proxy.variables)
        answered = proxy.operations[:middle]

    with proxy_to(aws) as proxy:
        resumed = run(*arguments, **proxy.variables)
        rest = proxy.operations

    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.splitlines()[-1] == "answers are cached; run the same command to continue"
    assert resumed.stdout == whole.printed
    # Only the identity of the credentials is requested again.
    assert Counter(rest[1:]) + Counter(answered) == calls(services)
    assert (
        f"{middle - 1} answers are from an interrupted audit; use --fresh to read all again"
        in resumed.stderr.splitlines()
    )
    assert not list((tmp_path / "cache/taskrole/audit").iterdir())


@pytest.mark.extra
def test_throttling_only_takes_longer(aws, run: Run, services: int) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: throttled(operation) if number % 3 == 0 else None

        done = run("audit", "--cluster", "cluster-0", "--format", "json", **proxy.variables)

    assert json.loads(done.stdout)["summary"]["services"] == services // CLUSTERS
    assert proxy.most_at_once <= 10


def test_endless_throttling_is_reported_and_loses_nothing(aws, run: Run, tmp_path: Path) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: throttled(operation) if operation == "DescribeTaskDefinition" else None

        done = run("audit", "--cluster", "cluster-0", AWS_MAX_ATTEMPTS="1", **proxy.variables)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "reading the account (ecs:DescribeTaskDefinition): AWS returned ThrottlingException: Rate exceeded; AWS "
        "throttles requests; wait a minute and try again",
        "answers are cached; run the same command to continue",
    ]
