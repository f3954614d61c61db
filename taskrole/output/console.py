"""Standard output and standard error: the one place that writes to them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from taskrole.output.json_text import json_text
from taskrole.output.visible import gated, without_commands

if TYPE_CHECKING:
    from rich.console import Console


def echo(
    text: object, *, err: bool = False, nl: bool = True, color: bool | None = None, is_styled: bool = False
) -> None:
    """Print text, escaped so that neither terminals nor CI systems obey what is in it.

    `is_styled` keeps colours: the caller has escaped the values in the text. Without a terminal, or where `color` is
    False, they are left out.
    """
    click.echo(gated(str(text), is_styled=is_styled), err=err, nl=nl, color=color)


def echo_json(data: Any) -> None:
    """Print data as JSON of ASCII characters. Raises ValueError for infinite numbers and NaN."""
    click.echo(json_text(data), nl=False)


def echo_markup(text: str) -> None:
    """Print HTML, XML or Markdown, of which the renderer has escaped the values."""
    click.echo(without_commands(text), nl=False)


def show_error(error: click.ClickException) -> None:
    """Print a usage error, which may quote arguments, such as names of files."""
    text = io.StringIO()
    error.show(text)
    echo(text.getvalue(), err=True, nl=False)


def drawn(draw: Callable[[Console], None]) -> str:
    """Return what `draw` prints to a console as wide as the terminal, in colours if that has them. Echo it styled.

    Lines have no spaces at their ends, which rich fills up to the width.
    """
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    with console.capture() as captured:
        draw(console)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().split("\n")[:-1])
