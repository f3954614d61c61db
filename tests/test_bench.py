"""Tests the measurements of bench: processes, sections and tables."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.processes import Cost, marked, median, run
from bench.report import Row, Section, page, page_section, with_section, with_targets
from bench.sizes import exponent
from bench.targets import Target, summary_lines
from bench.taskdefs import measure


def test_the_memory_of_the_measuring_process_is_excluded() -> None:
    ballast = bytearray(b"x") * 300_000_000

    cost = run([sys.executable, "-c", "pass"])

    assert len(ballast) / 1e6 > 300 - 1
    assert 1 < cost.megabytes < 100
    assert 0 < cost.seconds < 30


def test_a_command_that_fails_is_not_measured() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run([sys.executable, "-c", "raise SystemExit(3)"])

    assert caught.value.returncode == 3


def test_real_task_definitions_are_counted_with_and_without_values(tmp_path: Path) -> None:
    for name, image in {
        "plain": "redis",
        "open": "<IMAGE1_NAME>",
        "account": "ACCOUNT.dkr.ecr.REGION.amazonaws.com/app",
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"containerDefinitions": [{"name": "a", "image": image}]}))
    (tmp_path / "broken.json").write_text("{")
    malformed = {"executionRoleArn": "arn:aws:iam::1:role/x", "containerDefinitions": [{"name": "a", "image": "redis"}]}
    (tmp_path / "malformed.json").write_text(json.dumps(malformed))

    section = measure(tmp_path)

    assert section is not None
    rows = {row.name: row.figures for row in section.rows}
    assert rows["as they are"] == ("1", "20%")
    assert rows["with one values file: placeholders"] == ("3", "60%")
    assert rows["with one values file: malformed ARNs, too"] == ("4", "80%")
    assert rows["not even so: not read"] == ("1", "20%")


def test_without_task_definitions_nothing_is_counted(tmp_path: Path) -> None:
    assert measure(tmp_path) is None


def test_a_section_replaces_the_section_with_its_title() -> None:
    old = Section("Second", "Old.", ("seconds",), (Row("one", ("1.0",), "a"),))
    new = Section("Second", "New.", ("seconds",), (Row("one", ("2.0",), "a"),))
    whole = "\n".join(
        ["# Measured\n", *map(page_section, (Section("First", "x", (), ()), old, Section("Third", "x", (), ())))]
    )

    assert with_section(whole, new) == whole.replace("Old.", "New.").replace("1.0", "2.0")
    assert with_section(whole, Section("Fourth", "x", (), ())).endswith(
        "## Fourth\n\nx\n\n|  | command |\n| --- | --- |\n"
    )


def test_the_first_table_compares_measured_and_target_values() -> None:
    first = Section("First", "x", (), (), [Target("derive", 4.0, 8.0), Target("derive, memory", 250.0, 500.0, "MB", 9)])
    second = Section("Second", "x", (), (), [Target("review, of checkov", 1.5, 1.0, "-fold", 3)])
    report = page([first, second], 0.5)

    assert report.index("## Measured and wanted") < report.index("## First")
    assert summary_lines(report) == [
        "| derive | 4.00 s (1 run) | 8.00 s | 0.50 |",
        "| derive, memory | 250 MB | 500 MB | 0.50 |",
        "| review, of checkov | 1.50-fold | 1.00-fold | 1.50 |",
    ]


def test_a_repeated_figure_replaces_the_old_figure() -> None:
    report = page([Section("First", "x", (), (), [Target("derive", 4.0, 8.0), Target("check", 1.0, 1.0)])], 0.5)
    again = Section("First", "x", (), (), [Target("derive", 2.0, 8.0)])

    assert summary_lines(with_targets(report, again)) == [
        "| derive | 2.00 s (1 run) | 8.00 s | 0.25 |",
        "| check | 1.00 s (1 run) | 1.00 s | 1.00 |",
    ]
    assert with_targets("# Measured\n\n## First\n\nx\n", again).index("wanted") < 40
    assert with_targets(report, again).count("## ") == 2


def test_a_section_without_targets_adds_no_table() -> None:
    report = "# Measured\n\n## First\n\nx\n"

    assert with_targets(report, Section("Second", "", (), ())) == report


def test_single_runs_are_marked() -> None:
    assert marked(Cost(1.25, 10.0)) == "1.25 (1 run)"
    assert marked(median([Cost(1.0, 10.0), Cost(2.0, 20.0), Cost(9.0, 30.0)])) == "2.00"


def test_the_exponent_is_the_power_of_the_size() -> None:
    assert exponent((10, 1.0), (100, 10.0)) == "1.00"
    assert exponent((10, 1.0), (100, 100.0)) == "2.00"


def test_an_exit_code_may_be_a_result() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(3)"], codes=(0, 3)).runs == 1
