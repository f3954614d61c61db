"""Tests that every verb takes calls of functions in proportion to its input.

Reviews, outputs of a review and comparisons of statements are counted in tests/review and tests/policy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.check import service
from bench.derive import ACCOUNT, REGION, write_files
from bench.observe import write_events
from bench.synthesis import roles_yaml
from taskrole.arns import Context
from taskrole.cli import main
from taskrole.live.account import Account, EcsService
from taskrole.live.audit import audit
from taskrole.live.audit_json import audit_json
from taskrole.role import Policy, Role, trust_policy
from taskrole.taskdef import Options
from tests.growth import LIMIT, SIZES, growth, steepest

# Sorting, and what begins at a few items, is a little above 1.
STEEPEST = 1.3

PLACE = ("--region", REGION, "--account", ACCOUNT)
LOGIN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ecr:*", "logs:*", "s3:*", "secretsmanager:*"], "Resource": "*"}],
}

Command = Callable[[Path, int], list[str]]


def task_definitions(place: Path, size: int) -> str:
    # Small ones, so quadratic work shows.
    folder = place / f"tasks-{size}"
    folder.mkdir(exist_ok=True)
    for number in range(size):
        (folder / f"{number}.json").write_text(json.dumps(service(number)))
    return str(folder)


def task_definitions_of_four(place: Path, size: int) -> str:
    """Return a folder of task definitions of four services; roles for more services would be too large."""
    folder = place / f"four-{size}"
    if not folder.exists():
        write_files(folder, size, (number % 4 for number in range(size)))
    return str(folder)


def policy_of_all(place: Path, size: int) -> str:
    """Return a file with a statement for each service."""
    secrets = [f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:service-{number}/*" for number in range(size)]
    statements = [
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret} for secret in secrets
    ]
    file = place / f"policy-{size}.json"
    file.write_text(json.dumps({**LOGIN, "Statement": statements}))
    return str(file)


def roles(place: Path, size: int) -> str:
    file = place / f"roles-{size}.yaml"
    file.write_text(roles_yaml(size))
    return str(file)


def events(place: Path, size: int) -> str:
    folder = place / f"events-{size}"
    if not folder.exists():
        write_events(folder, 10 * size)
    return str(folder)


def lock(place: Path, size: int) -> list[str]:
    # A new file for each run, since an existing one would be read.
    number = len([*place.glob("*.lock.json")])
    return ["--config", roles(place, size), "lock", "--file", str(place / f"{number}.lock.json")]


def export(place: Path, size: int) -> list[str]:
    # A new folder for each run, since existing files would be compared.
    number = len([*place.glob("module-*")])
    return ["--config", roles(place, size), "export", "--to", str(place / f"module-{number}")]


VERBS: Mapping[str, Command] = {
    "derive": lambda place, size: ["derive", task_definitions(place, size), *PLACE],
    "derive, as JSON": lambda place, size: ["derive", task_definitions(place, size), *PLACE, "--format", "json"],
    "derive, one pair of roles": lambda place, size: [
        *("derive", task_definitions_of_four(place, size), *PLACE, "--per", "all")
    ],
    "check": lambda place, size: ["check", task_definitions(place, size), *PLACE, "--role", str(place / "login.json")],
    "check, a statement for each task": lambda place, size: [
        *("check", task_definitions(place, size), *PLACE, "--role", policy_of_all(place, size))
    ],
    "lock": lock,
    "validate": lambda place, size: ["--config", roles(place, size), "validate"],
    "show": lambda place, size: ["--config", roles(place, size), "show"],
    "export": export,
    "observe": lambda place, size: ["observe", events(place, size), "--engine", "python"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("growth")
    (folder / "login.json").write_text(json.dumps(LOGIN))
    return folder


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_takes_calls_in_proportion_to_its_input(
    verb: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(size: int) -> None:
        monkeypatch.setattr(sys, "argv", ["taskrole", *VERBS[verb](place, size)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert end.value.code in (0, 3), printed.err

    assert growth(run) < LIMIT


def test_an_audit_takes_calls_in_proportion_to_the_services() -> None:
    accounts = {size: account(size) for size in SIZES}

    assert growth(lambda size: audit_json(audit(accounts[size], Options()))) < LIMIT


@pytest.mark.parametrize("part", ["taskrole/live/", "taskrole/check/"])
def test_no_function_of_an_audit_takes_more_than_lines_in_proportion_to_the_services(part: str) -> None:
    exponent, function = steepest(lambda size: audit_json(audit(account(size), Options())), part)

    assert exponent < STEEPEST, function


def account(services: int) -> Account:
    """Return an account whose services have a task definition and two roles each."""
    context = Context("aws", REGION, ACCOUNT)
    trust = trust_policy("full", context)
    tasks: dict[str, Mapping[str, Any]] = {}
    roles_by_arn: dict[str, Role] = {}
    for number in range(services):
        task = {**service(number), "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/svc{number}-task"}
        tasks[f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/service-{number}:1"] = task
        for field in ("executionRoleArn", "taskRoleArn"):
            name = task[field].rpartition("/")[2]
            policy = Policy("own", "inline", LOGIN)
            roles_by_arn[task[field]] = Role(name, "execution", trust, name, policies=(policy,))
    running = tuple(EcsService(f"main/service-{number}", (arn,)) for number, arn in enumerate(tasks))
    return Account(context, ("main",), running, tasks, roles_by_arn, {})
