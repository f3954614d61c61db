"""Tests `taskrole lock`: written, and compared in sentences."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from taskrole import __version__
from tests.cli.running import ROOT, taskrole
from tests.expected_files import assert_expected
from tests.pages import commands_of, not_printed


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example service with its lock written."""
    folder = tmp_path_factory.mktemp("locked") / "service"
    shutil.copytree(ROOT / "examples/service", folder)
    assert taskrole("lock", cwd=folder).code == 0
    return folder


@pytest.fixture
def service(locked: Path, tmp_path: Path) -> Path:
    """The example service with its lock, for one test."""
    return Path(shutil.copytree(locked, tmp_path / "service"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_lock_of_the_example_is_committed_and_current() -> None:
    result = taskrole("--config", "examples/service/roles.yaml", "lock", "--check")

    assert (result.code, result.err) == (0, "")
    assert result.out == "examples/service/grants.lock.json: up to date with examples/service/roles.yaml\n"


def test_a_reformatted_file_is_unchanged(service: Path) -> None:
    roles = service / "roles.yaml"
    text = roles.read_text().replace("[dynamodb:GetItem, dynamodb:PutItem,", "[dynamodb:PutItem,\n  dynamodb:GetItem,")
    roles.write_text("# a comment\n" + text)
    definition = service / "task-definitions/web.json"
    definition.write_text(json.dumps(json.loads(definition.read_text())))
    before = (service / "grants.lock.json").read_bytes()

    result = taskrole("lock", "--check", cwd=service)
    again = taskrole("lock", cwd=service)

    assert (result.code, again.code) == (0, 0)
    assert (service / "grants.lock.json").read_bytes() == before


def test_a_change_of_a_task_definition_or_of_roles_yaml_is_reported_in_sentences(service: Path) -> None:
    change(service / "task-definitions/web.json", "/shop/web/session-key", "/shop/web/new-key")
    change(service / "roles.yaml", "dynamodb:PutItem, ", "")
    change(
        service / "roles.yaml",
        "kind: task\n        description: What the shop's workers",
        "kind: task\n        trust: account\n        description: What the shop's workers",
    )
    change(service / "roles.yaml", "permissions-management], resources", "permissions-management, read], resources")
    before = (service / "grants.lock.json").read_bytes()

    result = taskrole("lock", "--check", cwd=service)

    assert result.code == 3
    assert_expected("cli/lock_check.txt", result.out)
    assert result.err == "grants.lock.json is out of date; if the change is intended, run: taskrole lock\n"
    assert (service / "grants.lock.json").read_bytes() == before


def test_a_new_parameter_is_reported_as_in_the_readme(service: Path) -> None:
    (command,) = commands_of("README.md", "taskrole lock")
    file = service / "task-definitions/web.json"
    definition = json.loads(file.read_text())
    definition["containerDefinitions"][0]["secrets"].append({"name": "NEW", "valueFrom": "/shop/new"})
    file.write_text(json.dumps(definition))

    result = taskrole(*shlex.split(command.command)[1:], cwd=service)

    assert result.code == 3
    assert not_printed(command.lines, result.out) == []


def test_added_and_removed_roles_are_reported(service: Path) -> None:
    change(service / "roles.yaml", "      shop-worker:", "      shop-batch:")

    result = taskrole("lock", "--check", cwd=service)

    assert result.code == 3
    assert "stack service, role shop-batch: is new, a role of kind task" in result.out
    assert "stack service, role shop-batch: can be assumed by ecs-tasks.amazonaws.com if" in result.out
    assert "stack service, role shop-worker: was removed" in result.out


def test_attached_policies_and_boundaries_are_reported(tmp_path: Path) -> None:
    text = (
        "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    roles:\n      web:\n        kind: execution\n"
        "        trust: off\n        managed_policies: [CloudWatchLogsReadOnlyAccess]\n"
    )
    (tmp_path / "roles.yaml").write_text(text)
    taskrole("lock", cwd=tmp_path)
    boundary = "        permissions_boundary: arn:aws:iam::111122223333:policy/boundary\n"
    own = "AmazonEC2ContainerRegistryPullOnly, 'arn:aws:iam::111122223333:policy/own'"
    (tmp_path / "roles.yaml").write_text(text.replace("CloudWatchLogsReadOnlyAccess", own) + boundary)

    result = taskrole("lock", "--check", cwd=tmp_path)

    assert result.code == 3
    assert_expected("cli/lock_attachments.txt", result.out)


def test_a_grant_that_an_attached_policy_allows_already_is_no_change(tmp_path: Path) -> None:
    statement = "        statements: [{Effect: Allow, Action: 'logs:GetLogEvents', Resource: '*'}]\n"
    text = (
        "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    roles:\n      web:\n        kind: execution\n"
        "        trust: off\n        managed_policies: [CloudWatchLogsReadOnlyAccess]\n"
    )
    (tmp_path / "roles.yaml").write_text(text)
    taskrole("lock", cwd=tmp_path)
    (tmp_path / "roles.yaml").write_text(text + statement)

    result = taskrole("lock", "--check", cwd=tmp_path)

    assert result.code == 0
    assert result.err == "grants.lock.json: equivalent, but written differently; to update it, run: taskrole lock\n"


def test_errors_of_roles_yaml_leave_the_lock_unchanged(service: Path) -> None:
    change(service / "roles.yaml", "kind: execution", "kind: exec")
    before = (service / "grants.lock.json").read_bytes()

    result = taskrole("lock", cwd=service)

    assert (result.code, result.out) == (1, "")
    assert (service / "grants.lock.json").read_bytes() == before


BAD_LOCKS = {
    "none": (None, "no such file; create it with: taskrole lock"),
    "empty": ("", "is empty; to generate it again, run: taskrole lock"),
    "no JSON": ("{", "is not valid JSON"),
    "a list": ("[]", "must be a mapping"),
    "an older version": (
        '{"schema_version": 0}',
        "has schema_version 0, but this taskrole reads 1; to generate it again",
    ),
    "another version": ('{"schema_version": 2}', "has schema_version 2, but this taskrole reads 1"),
    "without stacks": ('{"schema_version": 1}', "must have the key stacks"),
    "an empty trust policy": (
        '{"schema_version": 1, "stacks": {"s": {"partition": "aws", "region": "eu-west-1", "account": null, "roles":'
        ' {"r": {"kind": "task", "trust": {}, "permissions_boundary": null, "managed_policies": {}, "allow": [],'
        ' "deny": []}}}}}',
        "stacks.s.roles.r.trust: must be a trust policy, with statements and their principals",
    ),
    "nested too deep": ("[" * 10_000, "must be nested at most 64 levels deep"),
}


@pytest.mark.parametrize(("content", "message"), BAD_LOCKS.values(), ids=BAD_LOCKS)
def test_an_unreadable_lock_is_an_input_error(service: Path, content: str | None, message: str) -> None:
    lock = service / "grants.lock.json"
    lock.unlink()
    if content is not None:
        lock.write_text(content)

    result = taskrole("lock", "--check", cwd=service)

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("grants.lock.json:")
    assert message in result.err


@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["write", "check"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"schema_version": 2, "requires_taskrole": "0.4.0", "stacks": {}},
            "it was written by taskrole 0.4.0 or newer and is not changed; this is"
            f" {__version__}; to upgrade, run: pip install --upgrade 'taskrole>=0.4.0'",
        ),
        (
            {"schema_version": 3, "requires_taskrole": "1; rm -rf ~"},
            f"it was written by a newer taskrole and is not changed; this is {__version__};"
            " to upgrade, run: pip install --upgrade taskrole",
        ),
    ],
    ids=["with the version", "without a version"],
)
def test_a_lock_of_a_newer_taskrole_is_neither_compared_nor_replaced(
    service: Path, arguments: list[str], content: dict[str, object], expected: str
) -> None:
    lock = service / "grants.lock.json"
    lock.write_text(json.dumps(content))
    before = lock.read_bytes()

    result = taskrole("lock", *arguments, cwd=service)

    version = content["schema_version"]
    assert (result.code, result.out) == (1, "")
    assert result.errors == [f"grants.lock.json: has schema_version {version}, but this taskrole reads 1; {expected}"]
    assert lock.read_bytes() == before


@pytest.mark.parametrize("content", ["", "<<<<<<< ours\n{}", '{"schema_version": 0}', '{"schema_version": "2"}', "[]"])
def test_any_other_file_in_place_of_a_lock_is_replaced(service: Path, content: str) -> None:
    lock = service / "grants.lock.json"
    expected = lock.read_bytes()
    lock.write_text(content)

    assert taskrole("lock", cwd=service).code == 0
    assert lock.read_bytes() == expected


def test_a_malformed_entry_is_reported_as_not_comparable(service: Path) -> None:
    lock = service / "grants.lock.json"
    data = json.loads(lock.read_text())
    data["stacks"]["service"]["roles"]["shop-web"]["allow"].append({"actions": ["s3:GetObject"]})
    lock.write_text(json.dumps(data))

    result = taskrole("lock", "--check", cwd=service)

    assert result.code == 3
    assert "role shop-web: cannot be compared: before: statement" in result.out
