"""What holds for every verb: colours by NO_COLOR, FORCE_COLOR and TERM, and --quiet before the verb and behind it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from taskrole.local.environment import CREDENTIALS, REGION, environment
from taskrole.local.server import down, up
from tests.cli.running import ROOT
from tests.cli.verbs import ARGUMENTS, project, verbs
from tests.forked import run_taskrole
from tests.live.filled import small
from tests.terminal import run_in_terminal, without_status

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

_ABOUT_COLOURS = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS")
_COLOURED = {"check", "derive", "explain-denial", "observe", "review", "show"}
# Only one that is up has more to say than that it is not.
_STARTED = {"local env", "local run", "local status", "local up"}
# How the lines begin that --quiet leaves out, by verb. The other verbs print nothing but results.
_MESSAGES = {
    "adopt": ("listing the account's roles", "reading role "),
    "audit": ("2 clusters, 9 services", "read 8 of 8", "reading all roles", "14 calls to AWS"),
    "check": ("13 OK, 6 MISSING",),
    "derive": ("2 families, each with roles", "  shop-web  ", "  shop-worker  ", "note: "),
    "export": ("note: ", "required elsewhere: "),
    "init": ("1 task definition in 1 file", "Next:", "  taskrole ", "  terraform "),
    "lock": ("grants.lock.json: the same in other words",),
    "observe": ("16 events read",),
    # With the statement, which is JSON of several lines.
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
    """A folder from which an embedded AWS was started, with services in it, and the variables that find it."""
    folder = tmp_path_factory.mktemp("aws")
    record = up(folder / ".taskrole")[0]
    small(lambda name: boto3.client(name, endpoint_url=record.endpoint, region_name=REGION, **CREDENTIALS))
    yield folder, environment(os.environ, record)
    down(folder / ".taskrole")


@pytest.fixture
def run(aws: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run taskrole in a project that no verb has changed."""

    def taskrole(*arguments: str, with_: Run = run_taskrole, **variables: str) -> Done:
        started, found = aws
        new = tmp_path_factory.mktemp("project")
        words = [word for word in arguments if word != "--quiet"]
        folder = started if " ".join(words[:2]) in _STARTED else project(new)
        own = {name: value for name, value in found.items() if name not in _ABOUT_COLOURS}
        own |= {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(new / "cache"), "COLUMNS": "400", **variables}
        return with_(arguments, folder, own)

    return taskrole


def command(verb: str) -> list[str]:
    return list(ERRORS[verb]) if verb in ERRORS else [*verb.split(), *ARGUMENTS[verb]]


def test_every_verb_of_the_command_line_is_here() -> None:
    assert set(ARGUMENTS) == set(verbs())


@pytest.mark.parametrize("verb", [*ARGUMENTS, *ERRORS])
def test_colours_are_on_terminals_and_where_they_are_forced(run: Run, verb: str) -> None:
    # A review in a pipe has 100 columns, whatever COLUMNS says.
    on_terminal = run(*command(verb), with_=run_in_terminal, TERM="xterm", COLUMNS="100")
    forced = run(*command(verb), FORCE_COLOR="1", COLUMNS="100")
    piped = run(*command(verb), TERM="xterm")

    assert ("\x1b[" in on_terminal.stdout) == (verb in _COLOURED)
    assert (forced.returncode, forced.stdout, forced.stderr) == (
        on_terminal.returncode,
        on_terminal.stdout,
        without_status(on_terminal.stderr),
    )
    assert "\x1b" not in piped.stdout + piped.stderr


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
@pytest.mark.parametrize("verb", [*ARGUMENTS, *ERRORS])
def test_a_terminal_without_colours_gets_no_escape(run: Run, verb: str, variables: dict[str, str]) -> None:
    done = run(*command(verb), with_=run_in_terminal, **{"TERM": "xterm", **variables})

    assert done.stdout + done.stderr
    assert "\x1b" not in done.stdout + without_status(done.stderr)


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_quiet_leaves_out_messages_and_nothing_else(run: Run, verb: str) -> None:
    words = command(verb)
    number = len(verb.split())
    whole = run(*words)

    behind = run(*words[:number], "--quiet", *words[number:])

    dropped = without(whole.stdout, behind.stdout) + without(whole.stderr, behind.stderr)
    assert behind.returncode == whole.returncode
    assert bool(behind.stdout) == bool(whole.stdout)
    assert [line for line in dropped if not line.startswith(_MESSAGES.get(verb, ()))] == []
    assert [begin for begin in _MESSAGES.get(verb, ()) if not any(line.startswith(begin) for line in dropped)] == []


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_quiet_before_the_verb_is_quiet_behind_it(run: Run, verb: str) -> None:
    words = command(verb)
    number = len(verb.split())
    behind = run(*words[:number], "--quiet", *words[number:])

    before = run("--quiet", *words)

    assert (before.returncode, before.stdout, before.stderr) == (behind.returncode, behind.stdout, behind.stderr)


@pytest.mark.parametrize("verb", ERRORS)
def test_quiet_keeps_errors_and_help(run: Run, verb: str) -> None:
    whole, quiet = run(*command(verb)), run("--quiet", *command(verb))

    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (whole.returncode, whole.stdout, whole.stderr)


def without(whole: str, quiet: str) -> list[str]:
    """Return the lines that a quiet output lacks, blank ones aside. Fails where it has one of its own."""
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
