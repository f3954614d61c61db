"""Tests every command in README.md and docs/*.md: run here, or NOT_RUN names the test that runs it, or a reason.

A command runs in a copy of the examples and of the other files that it names.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from taskrole.cli import _taskrole as main
from tests.cli.running import ROOT, taskrole
from tests.pages import commands, commands_of, not_printed
from tests.review.cases import PLANS

_EXTRACTS = re.compile(r"\b(?:commands_of|with_current_output)\(")
_STARTS = "starts the embedded AWS, the setup or all tests: "
# The plan that a page reviews as plan.json.
_PLANS = {"plan-review.md": "trust-change"}
_BELOW = "tests/cli/test_console.py"
_SESSIONS = "tests/e2e/test_pages.py"
_INTERRUPTS = "tests/e2e/test_interruptions.py"
# The page, the beginning of the command, and the test that runs it or the reason why none does.
NOT_RUN = {
    ("README.md", "make demo"): "tests/e2e/test_demo.py",
    ("README.md", "make test"): _STARTS + "it runs this test",
    ("README.md", "pip install"): "tests/test_distribution.py",
    ("README.md", "taskrole init"): _BELOW,
    ("README.md", "taskrole show"): _BELOW,
    ("README.md", "taskrole export --root"): _BELOW,
    ("README.md", "taskrole export service --to"): _SESSIONS,
    ("README.md", "taskrole lock --check"): "tests/cli/test_lock.py",
    ("README.md", "terraform show"): _SESSIONS,
    ("README.md", "taskrole audit"): _SESSIONS,
    ("README.md", "taskrole adopt"): _SESSIONS,
    ("adopt.md", "taskrole adopt"): _SESSIONS,
    ("adopt.md", "cdktf "): _SESSIONS,
    ("adopt.md", "taskrole review"): _SESSIONS,
    ("adopt.md", "taskrole verify"): _SESSIONS,
    ("adopt.md", "taskrole audit"): _SESSIONS,
    ("cdk-terrain.md", "make test-cdktn"): _STARTS + "it installs another package",
    ("fleet.md", "taskrole audit"): "tests/live/test_fleet_merge.py",
    ("export.md", "taskrole export workshop --to modules"): _SESSIONS,
    ("export.md", "terraform "): _SESSIONS,
    ("export.md", "cdktf synth --hcl"): _SESSIONS,
    ("init.md", "taskrole init"): _BELOW,
    ("plan-review.md", "terraform "): _SESSIONS,
    ("state.md", "export "): _SESSIONS,
    ("state.md", "npx cdktf"): _SESSIONS,
    ("state.md", ".venv/bin/taskrole verify"): _SESSIONS,
    ("state.md", "cd "): _INTERRUPTS,
    ("state.md", "terraform "): _INTERRUPTS,
    ("task-definitions.md", "taskrole derive"): "tests/cli/test_task_definitions_page.py",
    ("values.md", "taskrole derive"): "tests/cli/test_values_page.py",
}


COMMANDS = list(commands())


def reason(page: Path, command: str) -> str:
    """Return the entry of NOT_RUN for a command, or None."""
    return next((why for (name, begin), why in NOT_RUN.items() if page.name == name and command.startswith(begin)), "")


RUN = [example for example in COMMANDS if not reason(example[0], example[1])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files in the commands of pages: the examples and the roles.yaml of the repository."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for name in ("roles.yaml", "grants.lock.json", "roles.schema.json"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("page", "command", "lines"), RUN, ids=[f"{example[0].name}: {example[1]}" for example in RUN])
def test_a_command_prints_every_shown_line_in_order(page: Path, command: str, lines: list[str], folder: Path) -> None:
    program, *arguments = shlex.split(command)
    assert Path(program).name == "taskrole", "run it here, or say in NOT_RUN why not"

    shutil.copy(PLANS / _PLANS.get(page.name, "broadening") / "plan.json", folder)

    done = taskrole(*arguments, cwd=folder)

    assert not_printed(lines, done.out) == []
    assert done.code in (0, 2, 3), done.err


def test_the_commands_for_another_repository_print_the_shown_output(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples/service/task-definitions/worker.json", tmp_path / "task-definition.json")
    commands = commands_of("README.md", "taskrole init", "taskrole show", "taskrole export --root")
    assert len(commands) == 3

    for _, command, lines in commands:
        done = taskrole(*shlex.split(command)[1:], cwd=tmp_path)

        assert done.code == 0, done.err
        assert not_printed(lines, done.out) == []


def test_init_prints_the_output_on_its_page(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/service/task-definitions", tmp_path / "task-definitions")
    for number in range(12):
        (tmp_path / f"{number}.json").write_text("{}")
    (command,) = commands_of("init.md", "taskrole init")

    done = taskrole(*shlex.split(command.command)[1:], cwd=tmp_path)

    assert not_printed(command.lines, done.out) == []


@pytest.mark.parametrize(
    ("page", "command"), [(page, command) for page, command, _ in COMMANDS], ids=[example[1] for example in COMMANDS]
)
def test_the_verbs_and_options_on_the_page_exist(page: Path, command: str) -> None:
    for part in re.split(r" \| | && ", command):
        words = shlex.split(part)
        if Path(words[0]).name == "taskrole":
            assert unknown_words(words[1:]) == []


def unknown_words(words: Sequence[str]) -> list[str]:
    """Return the verbs and options of a command line that taskrole does not have."""
    group: click.Command = main
    known = {name for parameter in main.params for name in parameter.opts}
    rest = list(words)
    while isinstance(group, click.Group) and rest:
        name = next((word for word in rest if not word.startswith("-")), "")
        context = click.Context(group)
        context.meta["taskrole.resolving"] = True
        verb = group.get_command(context, name)
        if verb is None:
            return [name]
        group, rest = verb, rest[rest.index(name) + 1 :]
        known |= {name for parameter in group.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


def test_commands_that_are_not_run_are_on_a_page_and_their_tests_exist() -> None:
    unused = [key for key in NOT_RUN if not any(p.name == key[0] and c.startswith(key[1]) for p, c, _ in COMMANDS)]
    tests = {why for why in NOT_RUN.values() if why.startswith("tests/")}

    assert unused == []
    # A test that runs the commands of a page takes them from the page.
    assert [name for name in sorted(tests) if not _EXTRACTS.search((ROOT / name).read_text("utf-8"))] == []


def test_derive_and_check_are_on_the_pages() -> None:
    assert {command.split()[1] for page, command, _ in RUN if page.name == "README.md"} >= {"derive", "check"}


def test_a_wrong_option_is_noticed() -> None:
    assert unknown_words(["review", "plan.json", "--approval", "any"]) == ["--approval"]
    assert unknown_words(["local", "down", "--now"]) == ["--now"]
    assert unknown_words(["deriev", "x"]) == ["deriev"]
