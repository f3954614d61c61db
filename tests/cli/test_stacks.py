"""Tests `taskrole stacks`: the list of stacks as text and JSON, and changed stacks."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.forked import run_taskrole

ROLES = """\
version: 1
stacks:
  one:
    region: eu-west-1
    account: "111122223333"
    roles:
      a: {kind: execution, managed_policies: [CloudWatchLogsFullAccess]}
  two:
    region: cn-north-1
    roles:
      b: {kind: task, trust: off}
      c: {kind: task, trust: off}
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def stacks(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_taskrole(["stacks", *arguments], folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a current lock, in its own folder."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    (folder / "roles.yaml").write_text(ROLES)
    run_taskrole(["lock"], folder)
    run(tmp_path, "git", "init", "--quiet")
    run(tmp_path, "git", "add", ".")
    done = run(tmp_path, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "x")
    assert done.returncode == 0, done.stderr
    return folder


def matrix(folder: Path, *arguments: str) -> list[str]:
    done = stacks(folder, "--format", "github-matrix", *arguments)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    return [entry["stack"] for entry in json.loads(done.stdout)["include"]]


def test_text_has_a_line_for_each_stack(folder: Path) -> None:
    assert stacks(folder).stdout == "one  eu-west-1  111122223333  1 role\ntwo  cn-north-1  any account  2 roles\n"


def test_matrix_is_a_single_line_of_json(folder: Path) -> None:
    assert stacks(folder, "--format", "github-matrix").stdout == (
        '{"include":[{"stack":"one","region":"eu-west-1","account":"111122223333"},'
        '{"stack":"two","region":"cn-north-1","account":""}]}\n'
    )


def test_json_has_a_schema_version(folder: Path) -> None:
    assert json.loads(stacks(folder, "--format", "json").stdout) == {
        "schema_version": 1,
        "stacks": [
            {"stack": "one", "region": "eu-west-1", "account": "111122223333", "roles": 1},
            {"stack": "two", "region": "cn-north-1", "account": None, "roles": 2},
        ],
    }


def test_without_changes_the_matrix_is_empty(folder: Path) -> None:
    assert matrix(folder, "--changed-since", "HEAD") == []


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("[CloudWatchLogsFullAccess]", "[AmazonS3ReadOnlyAccess]", ["one"]),
        ("      c: {kind: task, trust: off}\n", "", ["two"]),
        ("trust: off}\n", "trust: off, tags: {a: b}}\n", []),
        ("  two:", "  three: {region: eu-west-1, roles: {d: {kind: task, trust: off}}}\n  two:", ["three"]),
    ],
    ids=["a policy", "a role gone", "a tag, which grants nothing", "a stack more"],
)
def test_only_stacks_whose_grants_changed_are_listed(folder: Path, old: str, new: str, changed: list[str]) -> None:
    (folder / "roles.yaml").write_text(ROLES.replace(old, new))

    assert matrix(folder, "--changed-since", "HEAD") == changed


def test_without_a_lock_in_that_commit_all_stacks_are_listed(folder: Path) -> None:
    run(folder, "git", "rm", "--quiet", "grants.lock.json")
    run(folder, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "y")

    assert matrix(folder, "--changed-since", "HEAD") == ["one", "two"]


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:fleet/roles.yaml"])
def test_an_unknown_commit_is_an_error_in_one_line(folder: Path, revision: str) -> None:
    done = stacks(folder, f"--changed-since={revision}")

    assert done.returncode == 1
    assert done.stderr == (
        f"{revision!r} is not a commit of the repository of fleet/; fetch it, or remove --changed-since\n"
    )
