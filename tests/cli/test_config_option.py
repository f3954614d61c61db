"""Tests --config before and behind the verb, and completion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import ROOT, taskrole

FILE = "examples/service/roles.yaml"


@pytest.mark.parametrize("arguments", [["validate"], ["show", "service"], ["stacks"], ["lock", "--check"]])
def test_config_works_behind_the_verb_as_before_it(arguments: list[str]) -> None:
    before = taskrole("--config", FILE, *arguments)
    behind = taskrole(*arguments, "--config", FILE)

    assert before.code == behind.code == 0
    assert before.out == behind.out
    assert "service" in before.out + before.err


def test_config_behind_the_verb_overrides_config_before_it_and_the_environment() -> None:
    result = taskrole("--config", "none.yaml", "stacks", "--config", FILE, TASKROLE_CONFIG="other.yaml")

    assert (result.code, result.out.split()[0]) == (0, "service")


def test_the_file_of_the_environment_is_used_without_the_option() -> None:
    assert taskrole("stacks", TASKROLE_CONFIG=FILE).out.split()[0] == "service"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("taskrole exp", "export"), ("taskrole derive --for", "--format"), ("taskrole local e", "env")],
)
def test_verbs_and_their_options_are_completed(tmp_path: Path, words: str, expected: str) -> None:
    program = tmp_path / "taskrole"
    program.write_text("import sys; sys.argv[0] = 'taskrole'; from taskrole.cli import main; main()")
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1), "_TASKROLE_COMPLETE": "bash_complete"}

    done = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, **variables, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert f"plain,{expected}" in done.stdout.splitlines()
    assert done.stderr == ""


@pytest.mark.parametrize("verb", ["derive", "check"])
def test_an_unknown_region_gives_a_warning_with_the_nearest_name(verb: str) -> None:
    files = ["examples/service/task-definitions/worker.json"]
    role = ["--stack", "workshop"] if verb == "check" else []

    result = taskrole(verb, *files, *role, "--region", "eu-central-9")

    assert (
        "warning: region 'eu-central-9' is not known to this version of taskrole; did you mean eu-central-2 or"
        " eu-central-1 or me-central-1?" in result.err.splitlines()
    )
