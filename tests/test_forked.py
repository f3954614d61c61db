"""Tests that a forked command line behaves like `python -m taskrole`, and that runs do not affect each other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apart import VARIABLE
from tests.forked import LIKE_WINDOWS, run_taskrole

ROLES = """\
version: 1
stacks:
  s: {region: eu-west-1, account: "111122223333", roles: {web: {kind: task, trust: off}}}
"""
RUNS = {
    "help": (["--help"], b""),
    "no such verb": (["dervie"], b""),
    "a table": (["show"], b""),
    "a file": (["--config", "none.yaml", "validate"], b""),
    "standard input": (["derive", "-"], b'{"family": "\xc3\xa9"}'),
    "blocked": (["lock", "--check"], b""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roles.yaml").write_text(ROLES)
    return tmp_path


@pytest.mark.parametrize(("arguments", "stdin"), RUNS.values(), ids=RUNS)
def test_a_forked_command_ends_like_a_new_interpreter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], stdin: bytes
) -> None:
    forked = run_taskrole(arguments, folder, stdin=stdin)
    monkeypatch.setenv(VARIABLE, "1")
    started = run_taskrole(arguments, folder, stdin=stdin)

    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


@pytest.mark.parametrize("arguments", [["show"], ["derive", "none.json"], ["local", "up"]], ids=lambda words: words[0])
def test_a_forked_command_without_what_windows_lacks_ends_like_a_new_interpreter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    variables = {**os.environ, **LIKE_WINDOWS}
    forked = run_taskrole(arguments, folder, variables)
    monkeypatch.setenv(VARIABLE, "1")
    started = run_taskrole(arguments, folder, variables)

    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_a_forked_command_has_only_the_given_variables(folder: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "TASKROLE_CONFIG"}
    named = run_taskrole(["validate"], folder, {**plain, "TASKROLE_CONFIG": "other.yaml"})
    after = run_taskrole(["validate"], folder, plain)

    assert (named.returncode, "other.yaml" in named.stderr) == (1, True)
    assert after.returncode == 0, after.stderr


def test_no_run_shares_imports_or_caches_with_another(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, kind in ((first, "task"), (second, "execution")):
        folder.mkdir()
        (folder / "roles.yaml").write_text(ROLES.replace("task", kind))

    outputs = [run_taskrole(["show"], folder).stdout for folder in (first, second, first)]

    assert outputs[0] == outputs[2] != outputs[1]


def test_another_locale_or_interpreter_is_not_forked(folder: Path) -> None:
    done = run_taskrole(["--version"], folder, {**os.environ, "PYTHONVERBOSE": "1"})

    assert "import 'taskrole.cli'" in done.stderr


def test_a_run_is_killed_at_its_time_limit(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    with pytest.raises(subprocess.TimeoutExpired):
        run_taskrole(["derive", "pipe", "--region", "eu-west-1"], folder, timeout=0.5)


def test_the_server_ends_with_its_tests(folder: Path) -> None:
    program = (
        "import tests.forked as f, pathlib, subprocess as s; started = []; popen = s.Popen\n"
        "s.Popen = lambda *a, **k: started.append(popen(*a, **k)) or started[0]\n"
        f"f.run_taskrole(['--version'], pathlib.Path({str(folder)!r})); print(started[0].pid)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
