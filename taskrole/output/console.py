"""Writes to standard output and standard error; no other module does.

`echo` is for results, warnings and errors; `message` is for notes, progress and hints, which --quiet suppresses.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import click

from taskrole.output.json_text import json_text
from taskrole.output.text.page import Page
from taskrole.output.text.terminal import terminal_width, wants_color
from taskrole.output.visible import gated, without_commands

_QUIET = "taskrole.output.quiet"
_CLEAR_LINE = "\r\x1b[K"

# Whether the last line on standard error is a status line.
_status = [False]


def be_quiet(ctx: click.Context) -> None:
    """Suppress the messages of this context's command and its subcommands."""
    ctx.meta[_QUIET] = True


def is_quiet() -> bool:
    """Return whether the running command prints only results, warnings and errors."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and _QUIET in ctx.meta


def message(text: object, *, err: bool = True) -> None:
    """Print a note, progress or a hint, escaped like `echo`, unless --quiet suppresses it."""
    if not is_quiet():
        echo(text, err=err)


def echo(
    text: object, *, err: bool = False, nl: bool = True, color: bool | None = None, is_styled: bool = False
) -> None:
    """Print text, escaped so that neither terminals nor CI systems interpret its content.

    With `is_styled`, colours are kept: the caller has escaped the values in the text. They are removed if `color` is
    False; by default, if the stream is not a terminal or the environment disables them.
    """
    clear_status()
    if color is None and is_styled:
        color = wants_color(sys.stderr if err else sys.stdout)
    click.echo(gated(str(text), is_styled=is_styled), err=err, nl=nl, color=color)


def echo_json(data: Any) -> None:
    """Print data as ASCII JSON. Raises ValueError for infinite numbers and NaN."""
    echo_json_text(json_text(data))


def echo_json_text(text: str) -> None:
    """Print what `json_text` returned, which is safe: escaping a long report takes a twentieth of a command's time."""
    clear_status()
    click.echo(text, nl=False)


def echo_markup(text: str) -> None:
    """Print HTML, XML or Markdown whose values the renderer has escaped."""
    clear_status()
    click.echo(without_commands(text), nl=False)


def show_status(text: str) -> None:
    """Show a line on standard error, a terminal, until the next status or text: cut to its width, without values."""
    click.echo(f"{_CLEAR_LINE}{text[: terminal_width() - 1]}", err=True, nl=False, color=True)
    _status[0] = True


def clear_status() -> None:
    """Remove the status line, if there is one."""
    if _status[0]:
        _status[0] = False
        click.echo(_CLEAR_LINE, err=True, nl=False, color=True)


def show_error(error: click.ClickException) -> None:
    """Print a usage error, which may quote arguments, such as file names."""
    text = io.StringIO()
    error.show(text)
    echo(text.getvalue(), err=True, nl=False)


def echo_page(write: Callable[[Page], None]) -> None:
    """Print what `write` adds to a page with the width of the terminal."""
    echo(page_text(write), nl=False, is_styled=True)


def page_text(write: Callable[[Page], None]) -> str:
    """Return what `write` adds to a page with the width of the terminal, in colour."""
    page = Page(terminal_width(), color=True)
    write(page)
    return page.text()
