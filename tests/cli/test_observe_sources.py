"""Tests `taskrole observe` with --live, --print-query and --engine."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.cli.running import taskrole
from tests.live.test_lookup_events import CloudTrail, trail
from tests.observe.events import ACCOUNT, REGION, event, write_records

__all__ = ["trail"]


def test_print_query_prints_the_query_and_needs_no_source() -> None:
    done = taskrole("observe", "--print-query", "athena", "--table", "logs.trail", "--role", "web-task")

    assert (done.code, done.err) == (0, "")
    assert 'FROM "logs"."trail"' in done.out
    assert "= 'web-task'" in done.out


def test_a_malformed_table_name_is_an_error() -> None:
    done = taskrole("observe", "--print-query", "athena", "--table", "a; b")

    assert done.code == 1
    assert "--table: must be the name of a table" in done.err


def test_a_source_is_needed_without_live() -> None:
    done = taskrole("observe")

    assert done.code == 1
    assert "Missing argument 'SOURCE'; give recorded calls, or use --live." in done.err


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_both_engines_give_the_same_output(tmp_path: Path, engine: str) -> None:
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
    path = write_records(tmp_path / "a.json", *(event("sqs", "SendMessage", {"queueUrl": queue}) for _ in range(3)))

    done = taskrole("observe", str(path), "--format", "json", "--engine", engine)

    assert json.loads(done.out) == json.loads(taskrole("observe", str(path), "--format", "json").out)


def test_live_reads_the_event_history(trail: CloudTrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
    trail.events = [event("sqs", "SendMessage", {"queueUrl": queue}, eventTime=f"{yesterday:%Y-%m-%dT%H:%M:%SZ}")]

    done = taskrole("observe", "--live", "--from", f"{yesterday:%Y-%m-%d}", "--region", REGION)

    assert f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs" in done.out
    assert "calls to AWS" in done.err
    assert not list((tmp_path / "cache").rglob("*.json"))


def test_live_forgets_pages_that_lead_in_a_circle(
    trail: CloudTrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    two_days_ago = datetime.now(timezone.utc) - timedelta(days=2)
    trail.spoil = lambda number: (200, '{"Events": [], "NextToken": "again"}')

    done = taskrole("observe", "--live", "--from", f"{two_days_ago:%Y-%m-%d}", "--region", REGION)

    assert done.code == 1
    assert done.err.splitlines()[-1] == "cached answers are removed; run the same command to read all again"
    assert not list((tmp_path / "cache").rglob("*.json"))
