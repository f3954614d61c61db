"""Options that every verb takes, before its name and behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from taskrole.output.console import be_quiet


def add_common_options(command: click.Command) -> click.Command:
    """Return a verb that takes --config and --quiet behind its name, too, and so do its own subcommands."""
    known = {parameter.name for parameter in command.params}
    command.params += [option for option in (_config_option(), quiet_option()) if option.name not in known]
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            add_common_options(subcommand)
    return command


def quiet_option() -> click.Option:
    """Return the option --quiet, which holds for the whole command line wherever it is."""
    return click.Option(
        ["--quiet"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_quiet,
        help="Results, warnings and errors only: no notes, progress, summaries or hints.",
    )


def _config_option() -> click.Option:
    return click.Option(
        ["--config"],
        type=click.Path(path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_set_config,
        help="As before the verb: the file that declares stacks and roles.",
    )


def _set_config(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.obj = value


def _set_quiet(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    if value:
        be_quiet(ctx)
