"""Tests options of every verb: colours by NO_COLOR, FORCE_COLOR and TERM, and --quiet before and behind the verb."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import boto3
import pytest

from taskrole.local.environment import CREDENTIALS, REGION, environment
from tests.cli.running import ROOT
from tests.cli.verbs import ARGUMENTS, project, verbs
from tests.forked import run_taskrole
from tests.forked_aws import forked_aws
from tests.live.filled import small
from tests.terminal import run_in_terminal, without_status

Done = subprocess.CompletedProcess[str]

_ABOUT_COLOURS = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS")
_COLOURED = {"audit", "check", "derive", "explain-denial", "observe", "review", "show"}
# Each of its runs starts Node.
_WITH_NODE = ("synth",)
# Only a running embedded AWS has more to report.
_STARTED = {"local env", "local run", "local status", "local up"}
# The beginnings of lines that --quiet removes, by verb. The other verbs print only results.
_MESSAGES = {
    "adopt": ("listing the account's roles", "reading role "),
    "audit": ("14 calls to AWS",),
    "check": ("13 OK, 6 MISSING",),
    "derive": ("2 families, each with its own roles", "  shop-web  ", "  shop-worker  ", "note: "),
    "export": ("note: ", "required elsewhere: "),
    "init": ("1 task definition in 1 file", "Next:", "  taskrole ", "  terraform "),
    "lock": ("grants.lock.json: equivalent, but written differently",),
    "observe": ("16 events read",),
    # With the statement, JSON of several lines.
    "show": ("required elsewhere", "  arn:aws:ecr:", "  The repository policy", "{", "  ", "}"),
    "validate": ("note: ", "required elsewhere: "),
    "verify": ("1 of 1 items differ",),
}
ERRORS = {
    "no such verb": ("deriev",),
    "no such option": ("derive", "--now"),
    "no such file": ("derive", "none.json"),
    "help": ("--help",),
    "help of a verb": ("review", "--help"),
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with a started embedded AWS that has services, and its variables."""
    folder = tmp_path_factory.mktemp("aws")
    with forked_aws(folder / ".taskrole") as record:
        small(lambda name: boto3.client(name, endpoint_url=record.endpoint, region_name=REGION, **CREDENTIALS))
        yield folder, environment(os.environ, record)


class Runs:
    """The runs of a verb, each in an unchanged project. All tests of a verb share the runs."""

    def __init__(self, verb: str, aws: tuple[Path, dict[str, str]], factory: pytest.TempPathFactory) -> None:
        self.verb = verb
        self._aws = aws
        self._factory = factory

    @cached_property
    def on_terminal(self) -> Done:
        # A review in a pipe has 100 columns, whatever COLUMNS says.
        return self._run(*command(self.verb), with_=run_in_terminal, TERM="xterm", COLUMNS="100")

    @cached_property
    def forced(self) -> Done:
        return self._run(*command(self.verb), FORCE_COLOR="1", COLUMNS="100")

    @cached_property
    def whole(self) -> Done:
        """The run in a pipe without options of the tests."""
        return self._run(*command(self.verb), TERM="xterm")

    @cached_property
    def quiet_behind(self) -> Done:
        words, number = command(self.verb), len(self.verb.split())
        return self._run(*words[:number], "--quiet", *words[number:], TERM="xterm")

    @cached_property
    def quiet_before(self) -> Done:
        return self._run("--quiet", *command(self.verb), TERM="xterm")

    def without_colours(self, variables: dict[str, str]) -> Done:
        return self._run(*command(self.verb), with_=run_in_terminal, **{"TERM": "xterm", **variables})

    def _run(self, *arguments: str, with_: Callable[..., Done] = run_taskrole, **variables: str) -> Done:
        started, of_aws = self._aws
        new = self._factory.mktemp("project")
        words = [word for word in arguments if word != "--quiet"]
        folder = started if " ".join(words[:2]) in _STARTED else project(new)
        own = {name: value for name, value in of_aws.items() if name not in _ABOUT_COLOURS}
        own |= {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(new / "cache"), "COLUMNS": "400", **variables}
        return with_(arguments, folder, own)


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, aws: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Runs:
    return Runs(request.param, aws, tmp_path_factory)


def of(verbs: Iterable[str], *, extra: Sequence[str] = ()) -> pytest.MarkDecorator:
    """Return a decorator with the runs of each of these verbs, which keeps the tests of a verb together.

    `extra` names the verbs that only `make test-extra` runs for the test.
    """
    runs = [pytest.param(verb, marks=pytest.mark.extra) if verb in extra else verb for verb in verbs]
    return pytest.mark.parametrize("runs", runs, indirect=True, scope="module")


def command(verb: str) -> list[str]:
    return list(ERRORS[verb]) if verb in ERRORS else [*verb.split(), *ARGUMENTS[verb]]


def test_every_verb_of_the_command_line_is_tested() -> None:
    assert set(ARGUMENTS) == set(verbs())


@of([*ARGUMENTS, *ERRORS])
def test_colours_are_on_terminals_or_if_forced(runs: Runs) -> None:
    on_terminal = runs.on_terminal

    assert ("\x1b[" in on_terminal.stdout) == (runs.verb in _COLOURED)
    assert (runs.forced.returncode, runs.forced.stdout, runs.forced.stderr) == (
        on_terminal.returncode,
        on_terminal.stdout,
        without_status(on_terminal.stderr),
    )
    assert "\x1b" not in runs.whole.stdout + runs.whole.stderr


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
@of([*ARGUMENTS, *ERRORS], extra=_WITH_NODE)
def test_a_terminal_without_colours_gets_no_escape(runs: Runs, variables: dict[str, str]) -> None:
    done = runs.without_colours(variables)

    assert done.stdout + done.stderr
    assert "\x1b" not in done.stdout + without_status(done.stderr)


@of(ARGUMENTS)
def test_quiet_removes_only_messages(runs: Runs) -> None:
    whole, quiet, messages = runs.whole, runs.quiet_behind, _MESSAGES.get(runs.verb, ())

    dropped = without(whole.stdout, quiet.stdout) + without(whole.stderr, quiet.stderr)

    assert quiet.returncode == whole.returncode
    assert bool(quiet.stdout) == bool(whole.stdout)
    assert [line for line in dropped if not line.startswith(messages)] == []
    assert [begin for begin in messages if not any(line.startswith(begin) for line in dropped)] == []


@of(ARGUMENTS, extra=_WITH_NODE)
def test_quiet_works_before_the_verb_as_behind_it(runs: Runs) -> None:
    before, behind = runs.quiet_before, runs.quiet_behind

    assert (before.returncode, before.stdout, before.stderr) == (behind.returncode, behind.stdout, behind.stderr)


@of(ERRORS)
def test_quiet_keeps_errors_and_help(runs: Runs) -> None:
    whole, quiet = runs.whole, runs.quiet_before

    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (whole.returncode, whole.stdout, whole.stderr)


def without(whole: str, quiet: str) -> list[str]:
    """Return the lines that a quiet output lacks, without blank ones. Fails if it has additional lines."""
    rest = iter(line for line in whole.splitlines() if line.strip())
    dropped: list[str] = []
    for line in filter(str.strip, quiet.splitlines()):
        for other in rest:
            if other == line:
                break
            dropped.append(other)
        else:
            pytest.fail(f"only the quiet output has {line!r}, or has it elsewhere")
    return [*dropped, *rest]
