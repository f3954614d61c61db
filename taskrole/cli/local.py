"""`taskrole local`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, get_args

import click

from taskrole.errors import BLOCKED, ToolError
from taskrole.local.environment import STATE_BUCKET, Shell, environment, shell_lines, variables
from taskrole.local.record import FOLDER, HIGHEST_PORT, ServerRecord
from taskrole.local.server import down as stop
from taskrole.local.server import find
from taskrole.local.server import up as start
from taskrole.output.console import echo, echo_json

_ENV_HELP = """\
Print the variables with which programs find it.

\b
eval "$(taskrole local env)"                                               bash, zsh and other POSIX shells
taskrole local env --format fish | source                                  fish
taskrole local env --format powershell | Out-String | Invoke-Expression    PowerShell
taskrole local env --format dotenv > local.env                             docker run --env-file, and others
"""


@click.group()
def local() -> None:
    """Run an embedded AWS for development: moto's server, on loopback only.

    It holds everything in memory: what is deployed to it, and the state in its bucket, end with it.
    There is at most one a folder; it ends with `taskrole local down`, or when the folder .taskrole is removed.
    """


@local.command()
@click.option("--port", type=click.IntRange(0, HIGHEST_PORT), default=0, help="Default: a free one.")
def up(port: int) -> None:
    """Start it, unless it is up, and wait until it answers."""
    record, is_new = start(FOLDER, port)
    echo(f"embedded AWS {'up' if is_new else 'up already'} at {record.endpoint}; state bucket {STATE_BUCKET}")


@local.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Tell whether it is up; exits with 3 when it is not."""
    record = find(FOLDER)
    if record is None:
        echo("embedded AWS down; start it: taskrole local up")
        ctx.exit(BLOCKED)
    echo(f"embedded AWS up at {record.endpoint}, process {record.pid}; state bucket {STATE_BUCKET}")


@local.command()
def down() -> None:
    """Stop it, if it was started from this folder."""
    echo("embedded AWS stopped" if stop(FOLDER) else "embedded AWS was not up")


@local.command(help=_ENV_HELP)
@click.option("--format", "format_", type=click.Choice([*get_args(Shell), "json"]), default="sh", show_default=True)
def env(format_: Any) -> None:
    """Print the variables."""
    record = _running()
    if format_ == "json":
        echo_json(variables(record))
    else:
        echo("\n".join(shell_lines(os.environ, record, format_)))


@local.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: Sequence[str]) -> None:
    """Run a command that finds it instead of AWS, and an AWS provider of this machine for terraform."""
    from taskrole.local.terraform import terraform_environment

    variables_ = terraform_environment(environment(os.environ, _running()), FOLDER)
    try:
        os.execvpe(command[0], list(command), variables_)  # noqa: S606 -- the shell is the caller's, or there is none
    except OSError as error:
        raise ToolError(f"{command[0]}: {error.strerror}") from error


def _running() -> ServerRecord:
    record = find(FOLDER)
    if record is None:
        raise ToolError("the embedded AWS is not up; start it: taskrole local up")
    return record
