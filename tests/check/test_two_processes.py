"""Tests that a check has the same result in two processes as in one, and reads and reports the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from taskrole import two_processes
from taskrole.check import Assignment, check_tasks
from taskrole.check.json_report import report_json
from taskrole.errors import InputError
from taskrole.taskdef import Options, read_files
from tests.check.scenarios import CONTEXT, LOGIN, subject
from tests.other_process import OtherProcess
from tests.policy_documents import allow

# Three groups of the tasks that a process checks at once. Other than in this test, two processes share 300 and more.
TASKS = 60
SECRETS = "arn:aws:secretsmanager:eu-west-1:111122223333:secret"


def task(number: int, *, is_wrong: bool = True) -> Any:
    """Return a task definition; one is something else, and two may be wrong."""
    name = "${NAME}" if number == 31 and is_wrong else number
    container = {
        "name": "web",
        "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/web-{number % 7}:1",
        "secrets": [{"name": "DB", "valueFrom": f"{SECRETS}:{name}-Ab12Cd"}],
        "environment": {} if number == 44 and is_wrong else [{"name": "STAGE", "value": "test"}],
    }
    role = "arn:aws:iam::111122223333:role/web"
    if number == 29:
        return {"services": {"web": {"image": "web"}}}
    return {"family": f"web-{number}", "executionRoleArn": role, "containerDefinitions": [container]}


def write(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content, encoding="utf-8")


def checked(folder: Path) -> tuple[str, list[str]]:
    """Return the report on the tasks of a folder, whose secrets the wrong role can read, and the skipped files."""
    reading = read_files([str(folder)])
    secrets = [f"{SECRETS}:{number}-Ab12Cd" for number in range(TASKS) if number != 29]
    execution, wrong = subject("execution", LOGIN), subject("task", allow("secretsmanager:GetSecretValue", secrets))
    assignments = [
        assignment
        for document in reading.documents
        for assignment in (
            Assignment(document.file, "execution", execution),
            Assignment(document.file, "task", wrong),
        )
    ]
    options = {"execution": Options(), "task": Options(kms_keys={"*": "aws-owned"})}
    report = check_tasks(reading.documents, CONTEXT, options, assignments)  # type: ignore[arg-type]
    return report_json(report), list(map(str, reading.skipped))


@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_check_in_two_processes_says_the_same_as_in_one(
    is_wrong: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(TASKS):
        write(tmp_path, f"{number}.json", json.dumps(task(number, is_wrong=is_wrong)))
    monkeypatch.setattr(two_processes, "_MANY", TASKS - 1)
    other = OtherProcess(monkeypatch)
    in_two, skipped = checked(tmp_path)
    other.assert_delivered(least=3)
    monkeypatch.setattr(two_processes, "_MANY", TASKS + 1)

    assert (in_two, skipped) == checked(tmp_path)
    assert len(skipped) == 1
    report = json.loads(in_two)
    assert len(report["tasks"]) == TASKS - 1
    assert {finding["code"] for finding in report["findings"]} >= ({"PLACEHOLDER", "TYPE"} if is_wrong else set())
    (task_role,) = (excesses for excesses in report["excess"] if excesses["role"] == "task")
    assert task_role["misplaced"] == ([] if is_wrong else ["secretsmanager:GetSecretValue"])


def test_two_processes_report_the_problems_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(TASKS):
        write(tmp_path, f"{number}.json", "{" if number in (3, 30, 58) else json.dumps(task(number)))
    monkeypatch.setattr(two_processes, "_MANY", TASKS)
    other = OtherProcess(monkeypatch)

    with pytest.raises(InputError) as caught:
        read_files([str(tmp_path)])

    other.assert_delivered()
    assert [Path(problem.place.file).name for problem in caught.value.problems] == ["3.json", "30.json", "58.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_pipes_are_read_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipes = [tmp_path / f"{number}.json" for number in range(30, 30 + two_processes._AT_ONCE + 1)]
    monkeypatch.setattr(two_processes, "_MANY", len(pipes))
    other = OtherProcess(monkeypatch)
    for pipe in pipes:
        os.mkfifo(pipe)
    write_all = f"import sys\nfor pipe in sys.argv[1:]:\n    open(pipe, 'w').write({json.dumps(task(0))!r})"
    with subprocess.Popen([sys.executable, "-c", write_all, *pipes]) as writer:
        families = [document.family for document in read_files(list(map(str, pipes))).documents]

    assert writer.returncode == 0
    assert families == ["web-0"] * len(pipes)
    assert other.delivered == []
