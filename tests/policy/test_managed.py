"""The snapshot of AWS's managed policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskrole.policy.managed import managed_policy_names, nearest_managed_policy, snapshot_date

ROOT = Path(__file__).parent.parent.parent


def test_the_snapshot_is_what_its_script_writes(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from refresh_managed_policies import TARGET, listing

    assert TARGET.read_text("utf-8") == listing(), "run: python tools/refresh_managed_policies.py"


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
