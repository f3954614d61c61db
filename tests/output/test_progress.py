"""Tests progress of long work: on a terminal only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.review import plan_of
from taskrole.output.progress import progress_line
from taskrole.progress import progress_on, tracked
from tests.observe.events import event, write_records
from tests.progress_recorder import Recorder
from tests.terminal import Screen

FILES = 30
CLEAR = "\r\x1b[K"
# A command line that shows progress at once, since two seconds are too long for a test.
AT_ONCE = "import taskrole.output.progress as progress; progress.FIRST = 0; from taskrole.cli import main; main()"
LATE = AT_ONCE.replace("= 0", "= 600")
AS_IT_IS = "from taskrole.cli import main; main()"
WHERE = ["--region", "eu-west-1", "--account", "111122223333"]
VERBS = {
    "derive": ["derive", "tasks", *WHERE],
    "check": ["check", "tasks", *WHERE, "--role", "AmazonECSTaskExecutionRolePolicy"],
    "review": ["review", "plan.json"],
    "observe": ["observe", "events"],
    "observe with DuckDB": ["observe", "events", "--engine", "duckdb"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tasks").mkdir()
    for number in range(FILES):
        container = {"name": "app", "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/app-{number}:1"}
        task = {"family": f"app-{number}", "containerDefinitions": [container]}
        (tmp_path / f"tasks/{number}.json").write_text(json.dumps(task), "utf-8")
    (tmp_path / "events").mkdir()
    for number in range(FILES):
        write_records(tmp_path / f"events/{number}.json", event("s3", "GetObject", {"bucketName": "b", "key": "k"}))
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(FILES)), "utf-8")
    return tmp_path


def run(
    code: str, arguments: list[str], folder: Path, *, on_terminal: bool = True, term: str = "xterm"
) -> tuple[str, str]:
    """Return the output of the command line: standard output, a file, and standard error."""
    command = [sys.executable, "-c", code, *arguments]
    variables = {**os.environ, "TERM": term}
    if not on_terminal:
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        return done.stdout, done.stderr
    screen = Screen()
    done = subprocess.run(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=screen.descriptor, text=True, check=False
    )
    return done.stdout, screen.text()


@pytest.mark.parametrize("verb", VERBS)
def test_a_terminal_shows_progress_and_clears_it(verb: str, folder: Path) -> None:
    output, errors = run(AT_ONCE, VERBS[verb], folder)
    plain, others = run(AS_IT_IS, VERBS[verb], folder, on_terminal=False)

    first, _, rest = errors.partition(CLEAR)[2].partition(CLEAR)
    assert first.endswith(f": 0 of {FILES}")
    assert output == plain
    assert others in rest.rpartition(CLEAR)[2] if others else rest.endswith(CLEAR) or not rest


@pytest.mark.parametrize(
    ("code", "options", "on_terminal", "term"),
    [
        pytest.param(LATE, [], True, "xterm", id="over before"),
        pytest.param(AT_ONCE, ["--quiet"], True, "xterm", id="quiet"),
        pytest.param(AT_ONCE, [], True, "dumb", id="dumb terminal"),
        pytest.param(AT_ONCE, [], False, "xterm", id="no terminal"),
    ],
)
def test_progress_is_hidden_outside_of_terminals(
    code: str, options: list[str], on_terminal: bool, term: str, folder: Path
) -> None:
    _, errors = run(code, [*VERBS["review"], *options], folder, on_terminal=on_terminal, term=term)

    assert f"of {FILES}" not in errors


@pytest.mark.parametrize(
    ("done", "seconds", "expected"),
    [
        (0, 3.0, "checking roles: 0 of 1,000"),
        (310, 5.0, "checking roles: 310 of 1,000, 62/s, 11 s left"),
        (10, 20.0, "checking roles: 10 of 1,000, 33 min 0 s left"),
    ],
)
def test_the_line_has_count_rate_and_time_left(done: int, seconds: float, expected: str) -> None:
    assert progress_line("checking roles", done, 1_000, seconds) == expected


def test_a_loop_within_another_reports_nothing() -> None:
    recorder = Recorder()

    with progress_on(recorder):
        items = [(outer, inner) for outer in tracked("ab", "outer") for inner in tracked("cd", "inner")]

    assert items == [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]
    assert recorder.calls == [("outer", 0, 2), ("outer", 1, 2), "clear", "clear"]


def test_a_loop_that_ends_early_is_cleared() -> None:
    recorder = Recorder()

    with progress_on(recorder):
        for _ in tracked("ab", "letters"):
            break

        assert recorder.calls == [("letters", 0, 2), "clear"]
