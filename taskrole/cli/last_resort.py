"""Handling of unexpected errors, and of standard streams that are closed, full or broken.

Errors are reported as a single line and an exit code, never as a traceback, which may quote values of untrusted files.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import click

from taskrole.errors import TaskroleError, printable
from taskrole.exit_codes import INPUT_ERROR, INTERRUPTED
from taskrole.output.console import echo, show_error
from taskrole.system import same_everywhere

DEBUG = "TASKROLE_DEBUG"
_ROOT = Path(__file__).parent.parent


def run(command: Callable[[], int]) -> int:
    """Return the exit code of a command, or of the error that terminates it, which is reported in one line.

    1 for every error and for closed output, 130 after an interrupt.
    """
    open_standard_streams()
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        code = INPUT_ERROR
    except (KeyboardInterrupt, click.exceptions.Abort):
        code = INTERRUPTED
        _report("interrupted")
    except click.ClickException as error:
        code = INPUT_ERROR
        with contextlib.suppress(OSError):
            show_error(error)
    except TaskroleError as error:
        code = error.exit_code
        _report(str(error))
    except Exception as error:  # noqa: BLE001 -- the last resort
        code = report_unexpected(error)
    _flush_or_discard()
    return code


def report_unexpected(error: Exception) -> int:
    """Report an unexpected error in one line, with its traceback on request; return its exit code."""
    _report(error_line(error))
    if os.environ.get(DEBUG) == "1":
        _report(printable_lines("".join(traceback.format_exception(error))))
    return INPUT_ERROR


def error_line(error: Exception) -> str:
    """Return one line on an unexpected error, without its message, which may quote a secret.

    An OSError is reported with the name of the file; all others are internal errors.
    """
    if isinstance(error, OSError) and error.strerror:
        name = error.filename if isinstance(error.filename, str) else "standard input or output"
        return printable(f"{name}: cannot be used: {error.strerror}")
    return printable(
        f"taskrole: internal error: {type(error).__name__}{_place(error)}; please report it with the command and, if"
        f" possible, its input; set {DEBUG}=1 for the traceback"
    )


def _place(error: Exception) -> str:
    """Return where in taskrole an error was raised, such as ` in plan/reader.py:12`, or an empty string."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)
    ]
    return f" in {Path(frames[-1].filename).relative_to(_ROOT).as_posix()}:{frames[-1].lineno}" if frames else ""


def printable_lines(text: str) -> str:
    """Return lines of text, each safe to print to a terminal."""
    return "\n".join(map(printable, text.splitlines()))


def open_standard_streams() -> None:
    """Replace closed standard streams with an unusable file, so that no other file gets their descriptors.

    All streams write the same bytes on every system, and escape characters that the encoding lacks.
    """
    for descriptor, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(descriptor)
        except OSError:  # noqa: PERF203 -- three
            # This is the lowest free descriptor, since those below it are open.
            os.open(os.devnull, mode)
    if sys.stdin is None:
        sys.stdin = _stream(0, "r")
    if sys.stdout is None:
        sys.stdout = _stream(1, "w")
    if sys.stderr is None:
        sys.stderr = _stream(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            same_everywhere(stream)


def _stream(descriptor: int, mode: str) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, mode, closefd=False)
    buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, "utf-8", errors="backslashreplace")


def _report(text: str) -> None:
    # If standard error cannot be written to either, only the exit code reports the error.
    with contextlib.suppress(OSError):
        echo(text, err=True)


def _flush_or_discard() -> None:
    """Flush both outputs and discard what cannot be written, so that Python exits without messages."""
    for stream, descriptor in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError):  # noqa: PERF203 -- two
            with contextlib.suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
