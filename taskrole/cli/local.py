"""`taskrole local`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, get_args

import click

from taskrole.errors import ToolError
from taskrole.exit_codes import BLOCKED
from taskrole.local.environment import STATE_BUCKET, Shell, environment, shell_lines, variables
from taskrole.local.record import FOLDER, HIGHEST_PORT, ServerRecord
from taskrole.local.server import down as stop
from taskrole.local.server import find
from taskrole.local.server import up as start
from taskrole.output.console import echo, echo_json

_ENV_HELP = """\
Print the environment variables for programs to use it.

\b
eval "$(taskrole local env)"                                               bash, zsh and other POSIX shells
taskrole local env --format fish | source                                  fish
taskrole local env --format powershell | Out-String | Invoke-Expression    PowerShell
taskrole local env --format dotenv > local.env                             docker run --env-file, and others
"""


@click.group()
def local() -> None:
    """Run an embedded AWS for development: moto's server, on loopback only.

    It keeps everything in memory: deployed resources, and the state in its bucket, are lost when it stops.
    Each folder has one at most; it stops with `taskrole local down`, or when the folder .taskrole is removed.
    """


@local.command()
@click.option("--port", type=click.IntRange(0, HIGHEST_PORT), default=0, help="Default: a free one.")
def up(port: int) -> None:
    """Start it, unless it is running, and wait until it responds."""
    record, is_new = start(FOLDER, port)
    echo(f"embedded AWS {'up' if is_new else 'up already'} at {record.endpoint}; state bucket {STATE_BUCKET}")


@local.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Report whether it is running; exits with 3 if it is not."""
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
    """Run a command with it instead of AWS, and with a cached AWS provider for terraform."""
    from taskrole.local.terraform import terraform_environment

    variables_ = terraform_environment(environment(os.environ, _running()), FOLDER)
    try:
        os.execvpe(command[0], list(command), variables_)  # noqa: S606 -- no shell is started
    except OSError as error:
        raise ToolError(f"{command[0]}: {error.strerror}") from error


def _running() -> ServerRecord:
    record = find(FOLDER)
    if record is None:
        raise ToolError("the embedded AWS is not up; start it: taskrole local up")
    return record
