"""Tests the event histories of several accounts as a stream: sessions, failures and unread parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from taskrole.live.answer_cache import Answers
from taskrole.live.fleet.accounts import Target
from taskrole.live.fleet.assume import Assumption, CallerError, connect_sts
from taskrole.live.fleet.failures import ReadingFailure
from taskrole.live.fleet.histories import HistoryPlan, read_histories
from taskrole.live.lookup_events import EventHistory, windows
from taskrole.local.environment import REGION, environment
from taskrole.local.record import ServerRecord
from tests.cli.running import taskrole
from tests.live.conftest import runner
from tests.live.organization import ROLE, emulated_aws
from tests.live.proxy import Proxy, proxy_to, query_error
from tests.observe.events import event

ACCOUNTS = ("111122223333", "444455556666", "777788889999")
NOW = datetime.now(timezone.utc).replace(microsecond=0)
DAYS = windows((NOW - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ"), "", NOW)


@pytest.fixture(scope="module")
def aws() -> Iterator[ServerRecord]:
    with emulated_aws() as record:
        yield record


@pytest.fixture
def proxy(aws: ServerRecord, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A history with an event for each day, since the emulated AWS has none."""
    with proxy_to(aws) as proxy:
        for name, value in {**environment({}, aws), **proxy.variables, "AWS_MAX_ATTEMPTS": "1"}.items():
            monkeypatch.setenv(name, value)
        proxy.spoil = lambda number, operation: history() if operation == "LookupEvents" else None
        yield proxy


def history() -> tuple[int, str]:
    request = {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"}
    call = event("sqs", "SendMessage", request, eventTime=NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return 200, json.dumps({"Events": [{"CloudTrailEvent": json.dumps(call)}]})


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read without half a second between requests, which test_lookup_events.py tests."""
    monkeypatch.setattr(EventHistory, "_wait", lambda _: None)


def read(folder: Path, failures: list[ReadingFailure], *regions: str) -> Iterator[Any]:
    def answers_of(account: str, region: str) -> Answers:
        return Answers(folder / "kept", (account, region), is_required=True)

    assumption = Assumption(connect_sts(REGION), "aws", ROLE, "observe")
    plan = HistoryPlan(REGION, regions or (REGION,), DAYS, assumption, answers_of, lambda line: None)
    return read_histories([Target(account) for account in ACCOUNTS], plan, 2, failures)


def count(proxy: Proxy, operation: str) -> int:
    return proxy.operations.count(operation)


def test_every_day_of_every_region_of_every_account_is_read_with_its_session(proxy: Proxy, tmp_path: Path) -> None:
    failures: list[ReadingFailure] = []

    events = list(read(tmp_path, failures, REGION, "eu-west-1"))

    assert len(events) == count(proxy, "LookupEvents") == 3 * 2 * len(DAYS)
    assert count(proxy, "AssumeRole") == 3
    assert failures == []


def refuse(part: str) -> Callable[[str], tuple[int, str] | None]:
    return lambda content: (403, query_error("AccessDenied", "No.")) if part in content else None


def test_an_account_that_refuses_the_role_does_not_stop_others(proxy: Proxy, tmp_path: Path) -> None:
    proxy.spoil_content = refuse(f"%3A{ACCOUNTS[1]}%3Arole")
    failures: list[ReadingFailure] = []

    events = list(read(tmp_path, failures))

    assert len(events) == 2 * len(DAYS)
    assert [(failure.account, failure.region, failure.reason) for failure in failures] == [
        (ACCOUNTS[1], REGION, "role")
    ]


def test_a_session_that_expires_during_a_day_counts_no_event_twice(proxy: Proxy, tmp_path: Path) -> None:
    expired = (400, json.dumps({"__type": "ExpiredTokenException", "message": "The token is expired"}))
    spoiled: list[int] = []

    def spoil(number: int, operation: str) -> tuple[int, str] | None:
        if operation != "LookupEvents":
            return None
        spoiled.append(number)
        return expired if len(spoiled) == 2 else history()

    proxy.spoil = spoil
    failures: list[ReadingFailure] = []

    events = list(read(tmp_path, failures))

    assert len(events) == 3 * len(DAYS)
    assert count(proxy, "AssumeRole") == 4
    assert failures == []


def test_credentials_of_the_caller_that_expire_end_the_reading(proxy: Proxy, tmp_path: Path) -> None:
    proxy.spoil_content = lambda content: (
        (403, query_error("ExpiredToken", "It is.")) if "Action=AssumeRole" in content else None
    )

    with pytest.raises(CallerError):
        list(read(tmp_path, []))


def test_a_stopped_reader_leaves_no_thread_that_calls(proxy: Proxy, tmp_path: Path) -> None:
    events = read(tmp_path, [], REGION, "eu-west-1")
    next(events)

    events.close()  # type: ignore[attr-defined]
    called = len(proxy.operations)

    assert called < 3 * 2 * len(DAYS)
    assert len(proxy.operations) == called


def test_cached_days_are_not_requested_again(proxy: Proxy, tmp_path: Path) -> None:
    first = list(read(tmp_path, []))
    before = count(proxy, "LookupEvents")

    again = list(read(tmp_path, []))

    assert len(again) == len(first)
    past = sum(day.past for day in DAYS)
    assert count(proxy, "LookupEvents") - before == 3 * (len(DAYS) - past)


def test_a_circular_listing_is_not_cached(proxy: Proxy, tmp_path: Path) -> None:
    # given
    past = str(int(DAYS[-1].start.timestamp()))
    circle = (200, json.dumps({"Events": [], "NextToken": "again"}))
    proxy.spoil = lambda number, operation: None
    proxy.spoil_content = lambda content: None if "EndTime" not in content else circle if past in content else history()
    failures: list[ReadingFailure] = []
    list(read(tmp_path, failures))
    proxy.spoil_content = lambda content: None
    proxy.spoil = lambda number, operation: history() if operation == "LookupEvents" else None
    later: list[ReadingFailure] = []

    # when
    events = list(read(tmp_path, later))

    # then
    assert [failure.reason for failure in failures] == ["answer"] * 3
    assert (len(events), later) == (3 * len(DAYS), [])


def test_observe_proposes_from_all_accounts_and_lists_unread_accounts(
    aws: ServerRecord, proxy: Proxy, tmp_path: Path
) -> None:
    proxy.spoil_content = refuse(f"%3A{ACCOUNTS[1]}%3Arole")
    (tmp_path / "accounts.txt").write_text("".join(f"{account} shop\n" for account in ACCOUNTS))

    done = runner(aws, tmp_path)(
        "observe", "--live", "--accounts", "accounts.txt", "--assume-role", ROLE, "--role", "web-task",
        "--from", (NOW - timedelta(days=2)).strftime("%Y-%m-%d"), "--format", "json", "--strict", **proxy.variables,
    )  # fmt: skip

    report = json.loads(done.stdout)
    assert done.returncode == 4, done.stderr
    assert f"account {ACCOUNTS[1]} shop, {REGION}: not read: role: role arn:aws:iam::" in json.dumps(report)
    assert "sqs:SendMessage" in json.dumps(report["roles"])
    assert not list((tmp_path / "cache/taskrole/observe").iterdir())


def test_accounts_without_live_are_refused() -> None:
    done = taskrole("observe", "events.json", "--accounts", ACCOUNTS[0], "--assume-role", ROLE)

    assert done.code == 1
    assert "Options for accounts and regions need --live" in done.err


def test_the_role_of_observe_may_only_read_the_event_history() -> None:
    printed = json.loads(taskrole("observe", "--assume-role", ROLE, "--trust", ACCOUNTS[0], "--print-policy").out)

    assert [statement["Action"] for statement in printed["policy"]["Statement"]] == [
        "ec2:DescribeRegions",
        "cloudtrail:LookupEvents",
    ]
