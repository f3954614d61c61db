"""Options of every verb, accepted before and after its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from taskrole.output.console import be_quiet


def add_common_options(command: click.Command) -> click.Command:
    """Return a verb that, like its subcommands, also accepts --config and --quiet after its name."""
    known = {parameter.name for parameter in command.params}
    command.params += [option for option in (_config_option(), quiet_option()) if option.name not in known]
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            add_common_options(subcommand)
    return command


def quiet_option() -> click.Option:
    """Return the option --quiet, which applies to the whole command wherever it is."""
    return click.Option(
        ["--quiet"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_quiet,
        help="Print results, warnings and errors only.",
    )


def _config_option() -> click.Option:
    return click.Option(
        ["--config"],
        type=click.Path(path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_set_config,
        help="File that declares stacks and roles.",
    )


def _set_config(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.obj = value


def _set_quiet(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    if value:
        be_quiet(ctx)
