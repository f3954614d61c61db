"""Tests unexpected errors, and closed or full standard streams: a line, an exit code, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

import main
from taskrole.cli.last_resort import run
from tests.cli.running import ROOT

SECRET = "hunter2"


def shell(line: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which `$T` is taskrole."""
    return subprocess.run(
        ["/bin/bash", "-c", line],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "T": f"{sys.executable} -m taskrole", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def fail() -> int:
    raise KeyError(SECRET)


def test_an_unexpected_error_is_a_line_that_asks_for_a_report_without_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(fail)

    captured = capsys.readouterr()
    assert (code, captured.out) == (1, "")
    assert captured.err == (
        "taskrole: internal error: KeyError in cli/last_resort.py:30; please report it with the command and, if"
        " possible, its input; set TASKROLE_DEBUG=1 for the traceback\n"
    ).replace(":30;", f":{_line_of_the_call()};")


def _line_of_the_call() -> int:
    lines = (ROOT / "taskrole/cli/last_resort.py").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if "code = command()" in line)


def test_the_traceback_of_an_unexpected_error_is_shown_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKROLE_DEBUG", "1")

    run(fail)

    first, *traceback = capsys.readouterr().err.splitlines()
    assert first.startswith("taskrole: internal error: KeyError")
    assert (traceback[0], traceback[-1]) == ("Traceback (most recent call last):", f"KeyError: '{SECRET}'")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FileNotFoundError(2, "No such file or directory", "a\nb"), "a\\nb: cannot be used: No such file or directory"),
        (OSError(28, "No space left on device"), "standard input or output: cannot be used: No space left on device"),
    ],
)
def test_an_error_of_the_operating_system_names_the_file(
    error: OSError, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        raise error

    assert (run(command), capsys.readouterr().err) == (1, f"{line}\n")


@pytest.mark.parametrize(
    ("streams", "error"),
    [
        (">/dev/full", "standard input or output: cannot be used: No space left on device\n"),
        (">&-", "standard input or output: cannot be used: Bad file descriptor\n"),
        (">&- 2>&-", ""),
        (">/dev/full 2>/dev/full", ""),
    ],
)
def test_unwritable_output_is_an_error_in_one_line_and_exit_code_1(streams: str, error: str) -> None:
    done = shell(f"$T validate {streams}")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", error)


def test_unwritable_buffered_output_is_an_error_too() -> None:
    program = "import sys; from taskrole.cli.last_resort import run; sys.exit(run(lambda: sys.stdout.write('x') - 1))"

    done = shell(f'{sys.executable} -c "{program}" >/dev/full', PYTHONUNBUFFERED="")

    line = "standard input or output: cannot be used: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, line)


def test_characters_that_a_terminal_lacks_are_escaped() -> None:
    program = (
        "from taskrole.cli.last_resort import run; from taskrole.output.console import echo;"
        "run(lambda: echo('\u65e5') or 0)"
    )

    done = shell(f'{sys.executable} -c "{program}"', PYTHONIOENCODING="latin-1")

    assert (done.returncode, done.stdout, done.stderr) == (0, "\\u65e5\n", "")


@pytest.mark.parametrize("verb", ["derive", "review"])
def test_a_closed_standard_input_is_an_error_in_one_line_and_exit_code_1(verb: str) -> None:
    done = shell(f"$T {verb} - <&-")

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert done.stderr.startswith("standard input: cannot be read: ")


def test_a_closed_standard_stream_is_not_replaced_by_a_later_file(tmp_path: Path) -> None:
    shell("$T schema --write schema.json >&- 2>&-", tmp_path)

    assert (tmp_path / "schema.json").read_text("utf-8") == (ROOT / "roles.schema.json").read_text("utf-8")


def test_a_closed_output_pipe_gives_no_error() -> None:
    done = shell("(sleep 0.5; $T schema; echo $? >&2) | true")

    assert done.stderr == "1\n"


def test_an_interrupt_is_quiet_and_exit_code_130() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "taskrole", "derive", "-"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Interrupts are ignored if the tests run in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- no threads here
    )
    assert process.stdin is not None
    # More than the capacity of a pipe: after that the reader has begun.
    process.stdin.write(" " * (1 << 20))
    process.stdin.flush()

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")


@pytest.mark.parametrize(
    ("end", "code", "line"),
    [
        (KeyboardInterrupt, 130, "interrupted\n"),
        (click.exceptions.Abort, 130, "interrupted\n"),
        (BrokenPipeError(32, "Broken pipe"), 1, ""),
    ],
)
def test_an_interrupt_outside_of_click_is_quiet_too(
    end: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        raise end

    assert (run(command), capsys.readouterr().err) == (code, line)


def test_an_unexpected_error_of_the_cdktf_app_is_a_single_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def synthesise(_: object) -> None:
        fail()

    monkeypatch.setattr(main, "synthesise", synthesise)
    monkeypatch.chdir(ROOT)

    code = main.main()

    captured = capsys.readouterr()
    assert (code, captured.out, len(captured.err.splitlines())) == (1, "", 1)
    assert captured.err.startswith("taskrole: internal error: KeyError; please report it")
    assert SECRET not in captured.err
