"""Tests whole reports as text and JSON."""

from __future__ import annotations

import json

import click
import pytest

from taskrole.check.json_report import report_json
from taskrole.check.text import report_lines
from tests.check.scenarios import SCENARIOS, Scenario
from tests.expected_files import EXPECTED, assert_expected


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_report_has_the_expected_text(name: str) -> None:
    lines = report_lines(SCENARIOS[name].report())

    assert_expected(f"check/{name}.txt", "".join(f"{click.unstyle(line)}\n" for line in lines))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_report_has_the_expected_json(name: str) -> None:
    assert_expected(f"check/{name}.json", report_json(SCENARIOS[name].report()))


def test_every_expected_report_has_a_scenario() -> None:
    assert {file.name for file in (EXPECTED / "check").iterdir()} == {
        f"{name}.{ending}" for name in SCENARIOS for ending in ("json", "txt")
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_text_and_json_have_the_same_statuses(name: str) -> None:
    report = SCENARIOS[name].report()

    data = json.loads(report_json(report))

    counted = [item["status"] for task in data["tasks"] for role in task["roles"] for item in role["items"]]
    assert data["summary"]["missing"] == counted.count("MISSING")
    assert data["summary"]["unknown"] == counted.count("unknown")
    assert data["summary"]["ok"] == counted.count("OK")
    lines = [click.unstyle(line) for line in report_lines(report)]
    for status in ("MISSING", "unknown", "OK"):
        assert len([line for line in lines if line.startswith(f"    {status} ")]) == counted.count(status)


def test_the_exact_roles_have_neither_missing_nor_excess_permissions() -> None:
    report = SCENARIOS["exact"].report()

    assert (report.count("MISSING"), report.count("unknown")) == (0, 0)
    assert [excess.count for excess in report.excesses] == [0, 0]
    assert report.count("OK") > 10


@pytest.mark.parametrize(
    ("ways", "named"),
    [({}, "name it in executionRoleArn"), ({"ways": {"execution": "with --role"}}, "name it with --role")],
)
def test_an_unnamed_role_gets_the_name_of_the_caller(ways, named) -> None:
    report = Scenario(("shop",), lambda documents, options: {}).report()

    lines = [click.unstyle(line) for line in report_lines(report, **ways)]

    assert lines[1] == f"  execution role: not given; {named}"
    assert lines[-1] == "6 unknown: 0 of 1 task definition would fail to start, 1 may; 0 EXCESS"
