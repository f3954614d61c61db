"""Tests the snapshot of AWS managed policies."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from taskrole.policy.catalogue.managed import (
    managed_policy,
    managed_policy_names,
    nearest_managed_policy,
    snapshot_date,
)
from taskrole.policy.documents.statements import policy_text
from tests.expected_files import assert_expected
from tools.refresh_managed_policies import DOCUMENTS, TARGET, compressed, documents, listing

ROOT = Path(__file__).parents[3]


def test_the_snapshot_is_current() -> None:
    assert TARGET.read_text("utf-8") == listing(), "run: python tools/refresh_managed_policies.py"
    # Compare the content, since another zlib compresses it differently.
    assert gzip.decompress(DOCUMENTS.read_bytes()) == documents(), "run: python tools/refresh_managed_policies.py"


def test_the_snapshot_is_packed_to_the_same_bytes_twice() -> None:
    assert compressed(b"x" * 9) == compressed(b"x" * 9)
    assert compressed(b"x")[4:8] == bytes(4), "no time of packing"


def test_the_snapshot_is_dated() -> None:
    assert snapshot_date() >= "2026-09-30"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("AmazonEC2ContainerRegistryReadonly", "AmazonEC2ContainerRegistryReadOnly"),
        ("AmazonECSTaskExecutionRolePolicy", "service-role/AmazonECSTaskExecutionRolePolicy"),
        ("cloudwatchlogsfullaccess", "CloudWatchLogsFullAccess"),
        ("SecretManagerReadWrite", "SecretsManagerReadWrite"),
        ("Qqqqq", None),
    ],
)
def test_the_nearest_name_is_found_whatever_its_path_and_case(name: str, nearest: str | None) -> None:
    assert name not in managed_policy_names()
    assert nearest_managed_policy(name) == nearest


EXECUTION = "service-role/AmazonECSTaskExecutionRolePolicy"


@pytest.mark.parametrize(
    "named", [f"arn:aws:iam::aws:policy/{EXECUTION}", EXECUTION, "AmazonECSTaskExecutionRolePolicy"]
)
def test_a_policy_is_found_by_arn_and_by_name_with_its_version_date_and_document(named: str) -> None:
    policy = managed_policy(named)

    assert policy is not None
    assert (policy.name, policy.version, policy.date) == ("AmazonECSTaskExecutionRolePolicy", "v1", "2017-11-16")
    assert (policy.arn, policy.adapted) == (f"arn:aws:iam::aws:policy/{EXECUTION}", False)
    assert_expected("policy/AmazonECSTaskExecutionRolePolicy.json", policy_text(policy.document) + "\n")


@pytest.mark.parametrize(
    "named",
    [
        "",
        "NoSuchPolicy",
        "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy",
        "service-role/SecretsManagerReadWrite",
        "arn:aws:iam::123456789012:policy/SecretsManagerReadWrite",
        "arn:aws:iam::aws:role/SecretsManagerReadWrite",
        'x",',
        "x\ud800",
    ],
)
def test_a_policy_that_aws_does_not_publish_is_not_found(named: str) -> None:
    assert managed_policy(named) is None


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_in_another_partition_the_arns_are_adapted_and_this_is_reported(partition: str) -> None:
    original = managed_policy("SecretsManagerReadWrite")
    adapted = managed_policy(f"arn:{partition}:iam::aws:policy/SecretsManagerReadWrite")

    assert original is not None
    assert adapted is not None
    assert adapted.adapted
    assert "arn:aws:" not in json.dumps(adapted.document)
    assert json.dumps(adapted.document).replace(f"arn:{partition}:", "arn:aws:") == json.dumps(original.document)


def test_every_name_of_the_snapshot_has_a_document() -> None:
    for name in managed_policy_names():
        policy = managed_policy(name)
        assert policy is not None
        assert policy.document["Statement"]
        assert policy.date <= snapshot_date()


def test_a_policy_is_loaded_fast() -> None:
    program = (
        "import time; from taskrole.policy.catalogue.managed import managed_policy\n"
        "started = time.process_time(); managed_policy('CloudWatchLogsFullAccess')\n"
        "print(time.process_time() - started)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert float(done.stdout) < 0.15, "0.02 s on two cores of 2026"
