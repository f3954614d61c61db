"""Tests that a derivation takes proportional time; bench/derive.py measures it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.derive import derive_folder, task_definition, write_files
from taskrole.arns import Context
from taskrole.taskdef import derive, parse_document

FEW, MANY = 40, 320


@pytest.mark.extra
@pytest.mark.parametrize("kind", ["apart", "together"])
def test_many_task_definitions_take_proportional_time(tmp_path: Path, kind: str) -> None:
    for size in (FEW, MANY):
        (tmp_path / str(size)).mkdir()
        write_files(tmp_path / str(size), size, [number % 25 for number in range(size)])

    few = min(seconds(kind, tmp_path / str(FEW)) for _ in range(3))
    many = min(seconds(kind, tmp_path / str(MANY)) for _ in range(2))

    # Proportional would be 8; a comparison of all pairs, 64.
    assert many / few < 16
    # Far above the two milliseconds that it takes, so a busy machine does not fail the test.
    assert many / MANY < 0.02


def seconds(kind: str, folder: Path) -> float:
    begin = time.process_time()
    derive_folder(kind, str(folder))
    return time.process_time() - begin


@pytest.mark.slow
def test_a_large_task_definition_takes_proportional_time() -> None:
    few = min(seconds_of_one(1_000) for _ in range(3))
    many = min(seconds_of_one(10_000) for _ in range(2))

    assert many / few < 25


def seconds_of_one(secrets: int) -> float:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app"
    secret_list = [{"name": f"S{number}", "valueFrom": f"{arn}-{number}-a1B2c3"} for number in range(secrets)]
    data = {"containerDefinitions": [{"name": "web", "image": "nginx", "secrets": secret_list}]}
    begin = time.process_time()
    derive([parse_document(data, "large.json")], Context("aws", "eu-west-1", "111122223333"))
    return time.process_time() - begin


def test_the_measured_files_have_five_containers_and_twenty_secrets() -> None:
    containers: Sequence[dict] = task_definition(7)["containerDefinitions"]

    assert len(containers) == 5
    assert sum(len(container["secrets"]) for container in containers) == 20
