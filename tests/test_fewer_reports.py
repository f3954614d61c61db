"""Tests that a process of several reports each test once, and every part of a test that did not pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests import fewer_reports


def reported(monkeypatch: pytest.MonkeyPatch, *parts: tuple[str, bool], durations: int | None = None) -> list[str]:
    """Return the reported parts of a test that has these, each passed or not."""
    sent: list[str] = []
    reports = [SimpleNamespace(when=part, passed=has_passed) for part, has_passed in parts]
    monkeypatch.setattr(fewer_reports, "runtestprotocol", lambda *_, **__: reports)
    item: Any = SimpleNamespace(
        config=SimpleNamespace(getoption=lambda _: durations),
        ihook=SimpleNamespace(pytest_runtest_logreport=lambda report: sent.append(report.when)),
    )
    is_run = fewer_reports.pytest_runtest_protocol(item, None)
    return sent if is_run else ["all"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([("setup", True), ("call", True), ("teardown", True)], ["call"]),
        ([("setup", True), ("call", False), ("teardown", True)], ["call"]),
        ([("setup", False), ("teardown", True)], ["setup"]),
        ([("setup", True), ("call", True), ("teardown", False)], ["call", "teardown"]),
    ],
    ids=["passed", "failed", "setup failed or skipped", "teardown failed"],
)
def test_the_call_and_what_did_not_pass_are_reported(
    monkeypatch: pytest.MonkeyPatch, parts: list[tuple[str, bool]], expected: list[str]
) -> None:
    assert reported(monkeypatch, *parts) == expected


def test_pytest_reports_everything_if_durations_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reported(monkeypatch, ("setup", True), ("call", True), ("teardown", True), durations=5) == ["all"]
