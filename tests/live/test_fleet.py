"""Tests auditing an organization of ten accounts in an embedded AWS: read, unread and resumed accounts."""

from __future__ import annotations

import gc
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import ReferenceType, ref

import pytest

from taskrole.live.account import Account, read_account
from taskrole.live.fleet import reading
from taskrole.live.fleet.accounts import Target
from taskrole.live.fleet.assume import Assumption, connect_sts
from taskrole.live.fleet.kept import KeptParts
from taskrole.local.environment import REGION, environment
from taskrole.local.record import ServerRecord
from taskrole.review.render.html.frame import content_security_policy
from taskrole.taskdef import Options
from tests.live.conftest import Run, runner
from tests.live.organization import ROLE, caller, create_organization, emulated_aws, make_role, member, serve
from tests.live.proxy import Proxy, proxy_to, query_error, throttled

OTHER = "eu-west-1"
MANAGEMENT = "123456789012"
# Beside the management account; the last is suspended, so this is also the number of accounts that are read.
ACCOUNTS = 9
# `python -m taskrole`, also where the tests run in the background, whose processes ignore SIGINT.
INTERRUPTIBLE = """\
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("taskrole", run_name="__main__", alter_sys=True)
"""
ALL = ("audit", "--organization", "--assume-role", ROLE, "--format", "json")


@pytest.fixture(scope="module")
def aws() -> Iterator[ServerRecord]:
    with emulated_aws() as record:
        yield record


@pytest.fixture(scope="module")
def organization(aws: ServerRecord) -> tuple[str, ...]:
    """The ids of the accounts beside the management account: the last is suspended, the second lacks a permission."""
    organizations = caller(aws)("organizations")
    ids = create_organization(organizations, ACCOUNTS)
    for index, account in enumerate(ids[:-1]):
        connect = member(aws, account)
        make_role(connect("iam"), lacks=index == 1)
        serve(connect("ecs"), account)
    organizations.close_account(AccountId=ids[-1])
    return ids


@pytest.fixture(scope="module")
def whole(aws: ServerRecord, organization: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The output of a run without failures."""
    done = runner(aws, tmp_path_factory.mktemp("whole"))(*ALL)
    assert done.returncode == 3
    return done.stdout


def of(*accounts: str, format_: str = "json") -> tuple[str, ...]:
    """Return the arguments of an audit of some accounts."""
    return "audit", "--accounts", ",".join(accounts), "--assume-role", ROLE, "--format", format_


def assumed(proxy: Proxy) -> int:
    return Counter(proxy.operations)["AssumeRole"]


def test_every_active_account_is_read_and_the_suspended_one_is_named(whole: str, organization: tuple[str, ...]) -> None:
    report = json.loads(whole)

    assert report["schema_version"] == 1
    assert [audit["account"] for audit in report["audits"]] == sorted((MANAGEMENT, *organization[:-1]))
    assert {audit["region"] for audit in report["audits"]} == {REGION}
    assert [(account["account"], account["because"]) for account in report["left_out"]] == [
        (organization[-1], "it is suspended")
    ]
    assert report["not_read"] == []
    assert report["summary"] == {
        "accounts": ACCOUNTS,
        "accounts_read": ACCOUNTS,
        "accounts_not_read": 0,
        "accounts_read_in_part": 0,
        "accounts_left_out": 1,
        "regions": [REGION],
        "services": ACCOUNTS - 1,
        "task_definitions": ACCOUNTS - 1,
        "starts": 0,
        "would_not_start": 1,
        "unknown": ACCOUNTS - 2,
        "missing": 1,
        "excess": (ACCOUNTS - 2) * 5 + 4,
    }


def test_missing_permissions_are_listed_by_account(whole: str, organization: tuple[str, ...]) -> None:
    audits = {audit["account"]: audit for audit in json.loads(whole)["audits"]}

    missing = {
        account: [need for need in audit["needs"] if need["status"] == "MISSING"] for account, audit in audits.items()
    }

    assert [account for account, needs in missing.items() if needs] == [organization[1]]
    (need,) = missing[organization[1]]
    assert need["actions"] == ["secretsmanager:GetSecretValue"]
    assert need["resources"] == [f"arn:aws:secretsmanager:{REGION}:{organization[1]}:secret:web-AbCdEf"]


def test_the_table_begins_with_the_worst_account(organization: tuple[str, ...], run: Run) -> None:
    done = run(*of(*organization[:3], format_="table"), "--regions", f"{REGION},{OTHER}", COLUMNS="120")

    lines = done.stdout.splitlines()
    assert lines[0] == "3 accounts, 2 regions: all read; 3 services, 3 task definitions"
    assert lines[3].startswith(f"{organization[1]}  {REGION}")
    assert "No service runs in 3 other regions of these accounts" in lines
    assert f"        arn:aws:secretsmanager:{REGION}:{organization[1]}:secret:web-AbCdEf" in lines
    assert lines[-1].startswith("1 of 3 task definitions would not start, 2 unknown: 1 MISSING; 14 EXCESS")


def test_the_page_filters_by_account_and_loads_nothing(organization: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    run(*of(*organization[:3]), "--output", "html=page.html")

    page = (tmp_path / "page.html").read_text()
    assert content_security_policy().replace("'", "&#x27;") in page
    assert 'data-filter="account"' in page
    assert page.count(f'data-account="{organization[0]}"') == 1
    assert page.count("data-account=") == 3


def test_a_role_of_several_regions_is_read_once_and_compared_with_all_its_tasks(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    account = organization[6]
    serve(member(aws, account)("ecs", OTHER), account, OTHER)

    loads = json.loads(run(*of(account)).stdout)
    with proxy_to(aws) as proxy:
        both = json.loads(run(*of(account), "--regions", f"{REGION},{OTHER}", **proxy.variables).stdout)

    assert Counter(proxy.operations)["GetAccountAuthorizationDetails"] == 1
    assert both["summary"]["task_definitions"] == 2
    assert both["summary"]["excess"] == loads["summary"]["excess"] == 5


def test_all_enabled_reads_every_region_of_the_account(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    with proxy_to(aws) as proxy:
        done = run(*of(organization[0]), "--regions", "all-enabled", **proxy.variables)

    regions = json.loads(done.stdout)["summary"]["regions"]
    assert len(regions) > 10
    assert {REGION, OTHER} <= set(regions)
    operations = Counter(proxy.operations)
    assert operations["DescribeRegions"] == 1
    assert operations["ListClusters"] == len(regions)
    assert operations["AssumeRole"] == 1


def refusing(account: str) -> Callable[[str], tuple[int, str] | None]:
    """Return a function that refuses to assume the role of an account, like AWS for a missing role."""
    refusal = (403, query_error("AccessDenied", "User: me is not authorized to perform: sts:AssumeRole"))
    return lambda content: refusal if f"%3A{account}%3Arole" in content else None


def test_an_account_that_refuses_the_role_is_listed_and_does_not_stop_others(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    refused = organization[3]
    with proxy_to(aws) as proxy:
        proxy.spoil_content = refusing(refused)
        done = run(*of(*organization[1:5]), **proxy.variables)

    report = json.loads(done.stdout)
    (failure,) = report["not_read"]
    assert (failure["account"], failure["region"], failure["reason"]) == (refused, REGION, "role")
    assert failure["message"].startswith(
        f"role arn:aws:iam::{refused}:role/{ROLE} cannot be assumed: the role does not"
    )
    assert report["summary"]["accounts_read"] == 3
    assert done.returncode == 3


def test_an_audit_that_can_read_no_account_fails(aws: ServerRecord, organization: tuple[str, ...], run: Run) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil_content = refusing(organization[3])
        done = run(*of(organization[3], format_="table"), **proxy.variables)

    assert done.returncode == 1
    assert f"  role account {organization[3]}, {REGION}" in done.stdout.splitlines()


def test_an_unreadable_account_is_unknown(aws: ServerRecord, organization: tuple[str, ...], run: Run) -> None:
    accounts = of(MANAGEMENT, organization[5], format_="table")
    with proxy_to(aws) as proxy:
        proxy.spoil_content = refusing(organization[5])
        lenient = run(*accounts, **proxy.variables)
        strict = run(*accounts, "--strict", **proxy.variables)

    assert (lenient.returncode, strict.returncode) == (0, 4)
    assert " ".join(lenient.stdout.split()).endswith("; 1 account or region not read: unknown")


def test_an_account_that_is_throttled_is_read_by_the_same_command_later(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    accounts = of(*organization[:4])
    first: list[int] = []

    def throttle(number: int, operation: str) -> tuple[int, str] | None:
        if operation == "ListClusters":
            first.append(number)
            return throttled(operation) if number == first[0] else None
        return None

    with proxy_to(aws) as proxy:
        proxy.spoil = throttle
        failed = run(*accounts, AWS_MAX_ATTEMPTS="1", **proxy.variables)
    with proxy_to(aws) as proxy:
        resumed = run(*accounts, **proxy.variables)
    fresh = run(*accounts)

    assert [failure["reason"] for failure in json.loads(failed.stdout)["not_read"]] == ["throttled"]
    assert assumed(proxy) == 1
    assert resumed.stdout == fresh.stdout
    assert "3 regions are from an interrupted audit; use --fresh to read all again" in resumed.stderr.splitlines()


def test_a_circular_listing_beside_a_throttled_region_is_not_cached(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    # given
    regions = (*of(organization[1]), "--regions", f"{REGION},us-east-1")
    circle = (200, json.dumps({"clusterArns": [], "nextToken": "again"}))
    listings: list[int] = []

    def spoil(number: int, operation: str) -> tuple[int, str] | None:
        if operation != "ListClusters":
            return None
        listings.append(number)
        return circle if len(listings) < 3 else throttled(operation)

    with proxy_to(aws) as proxy:
        proxy.spoil = spoil
        failed = run(*regions, AWS_MAX_ATTEMPTS="1", **proxy.variables)

    # when
    resumed = run(*regions)

    # then
    assert {failure["reason"] for failure in json.loads(failed.stdout)["not_read"]} == {"answer", "throttled"}
    assert json.loads(resumed.stdout)["not_read"] == []


def test_throttled_accounts_are_retried(aws: ServerRecord, organization: tuple[str, ...], run: Run) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: (
            throttled(operation) if operation[0] != "A" and number % 7 == 0 else None
        )
        done = run(*of(*organization[:3]), **proxy.variables)

    assert json.loads(done.stdout)["summary"]["accounts_read"] == 3


def test_an_expired_session_is_assumed_again(aws: ServerRecord, organization: tuple[str, ...], run: Run) -> None:
    expired: list[int] = []

    def expire(number: int, operation: str) -> tuple[int, str] | None:
        if operation == "DescribeServices" and not expired:
            expired.append(number)
            return 400, json.dumps({"__type": "ExpiredTokenException", "message": "The token is expired"})
        return None

    with proxy_to(aws) as proxy:
        proxy.spoil = expire
        done = run(*of(organization[0]), **proxy.variables)

    assert expired
    assert assumed(proxy) == 2
    assert json.loads(done.stdout)["summary"]["accounts_read"] == 1


def test_credentials_of_the_caller_that_expire_end_the_audit_at_once(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    accounts = of(*organization[:6])
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: (
            (403, query_error("ExpiredToken", "It is.")) if operation == "AssumeRole" and number > 10 else None
        )
        done = run(*accounts, "--concurrency", "1", **proxy.variables)
        refused = assumed(proxy)
    with proxy_to(aws) as proxy:
        resumed = run(*accounts, **proxy.variables)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-2] == "answers are cached; run the same command to continue"
    assert done.stderr.splitlines()[-1].startswith("assuming role arn:aws:iam::")
    assert 1 < refused < 6
    assert assumed(proxy) == 6 - (refused - 1)
    assert json.loads(resumed.stdout)["summary"]["accounts_read"] == 6


def test_a_killed_audit_is_resumed(
    aws: ServerRecord, organization: tuple[str, ...], whole: str, run: Run, tmp_path: Path
) -> None:
    killed = started(aws, tmp_path)
    after(killed, 4)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    with proxy_to(aws) as proxy:
        resumed = run(*ALL, **proxy.variables)

    assert killed.returncode == -signal.SIGKILL
    assert resumed.stdout == whole
    assert assumed(proxy) <= ACCOUNTS - 4
    assert not list((tmp_path / "cache/taskrole/audit").iterdir())


def started(
    aws: ServerRecord, folder: Path, variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[str]:
    """Return a started audit of all accounts, in its own process."""
    return subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *ALL],
        cwd=folder,
        env={**environment(os.environ, aws), "XDG_CACHE_HOME": str(folder / "cache"), **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def after(process: subprocess.Popen[str], accounts: int) -> None:
    """Wait until an audit has read `number` accounts."""
    assert process.stderr
    for line in process.stderr:
        if line.startswith(f"{accounts} of {ACCOUNTS}: "):
            return
    raise AssertionError("ended before")


def test_an_audit_stopped_by_ctrl_c_keeps_its_answers(
    aws: ServerRecord, organization: tuple[str, ...], tmp_path: Path
) -> None:
    sessions = itertools.count()
    with proxy_to(aws) as proxy:
        # Later accounts take long, so that the audit still runs when it gets the signal.
        proxy.spoil_content = lambda content: (
            time.sleep(2) if content.startswith("Action=AssumeRole&") and next(sessions) > 2 else None
        )
        process = started(aws, tmp_path, proxy.variables)
        after(process, 2)
        process.send_signal(signal.SIGINT)
        rest = process.communicate()[1].splitlines()

    assert process.returncode == 130
    assert rest[-3:] == ["answers are cached; run the same command to continue", "", "interrupted"]
    assert list((tmp_path / "cache/taskrole/audit").iterdir())


def test_no_secret_of_a_session_is_printed_or_cached(
    aws: ServerRecord, organization: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    secret = "SessionSecretThatNobodyMaySee"
    answer = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        f"<AccessKeyId>ASIA{secret}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
        f"<SessionToken>{secret}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    )
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: (
            (200, answer) if operation == "AssumeRole" else "cut" if operation == "ListClusters" else None
        )
        done = run(
            *of(organization[0]), "--external-id", "quite-private-id", "--regions", "all-enabled",
            AWS_MAX_ATTEMPTS="1", TASKROLE_DEBUG="1", **proxy.variables,
        )  # fmt: skip

    kept = [path.read_text() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not any(word in text for text in (done.stdout, done.stderr, *kept) for word in (secret, "quite-private-id"))


def test_the_session_policy_allows_only_the_calls_of_the_audit(
    aws: ServerRecord, organization: tuple[str, ...], run: Run
) -> None:
    contents: list[str] = []
    with proxy_to(aws) as proxy:
        proxy.spoil_content = contents.append
        run(*of(organization[0]), "--external-id", "an-id", **proxy.variables)

    (asked,) = [content for content in contents if content.startswith("Action=AssumeRole&")]
    assert "iam%3AGetAccountAuthorizationDetails" in asked
    assert "&ExternalId=an-id" in asked
    policy = next(part for part in asked.split("&") if part.startswith("Policy="))
    assert "sts%3AAssumeRole" not in policy


@pytest.mark.extra
def test_an_account_is_released_after_it_is_read(
    aws: ServerRecord, organization: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    accounts: list[ReferenceType[Account]] = []

    def read(*arguments: Any) -> Account:
        account = read_account(*arguments)
        accounts.append(ref(account))
        return account

    for name, value in environment({}, aws).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(reading, "read_account", read)
    plan = reading.ReadingPlan(
        "aws", REGION, (REGION,), Assumption(connect_sts(REGION), "aws", ROLE, "audit"), lambda _: Options()
    )
    kept = KeptParts(tmp_path / "kept", ("me",), is_required=True)
    alive = []

    for _ in reading.read_accounts([Target(account) for account in organization[:8]], plan, kept, 2):
        gc.collect()
        alive.append(sum(account() is not None for account in accounts))

    assert len(accounts) == 8
    assert max(alive) <= 2
