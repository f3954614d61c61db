"""The options of verbs that derive: task definitions, their context, and settings that they do not contain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import click

from taskrole.arns import Context
from taskrole.cli.parts.regions import warn_of_region
from taskrole.cli.parts.values import VALUE_OPTIONS, given_values, refuse_unused, write_skeleton
from taskrole.output.console import message
from taskrole.render.skipped import skipped_lines
from taskrole.taskdef import Options, TaskDocument, read_files, resolve_context
from taskrole.taskdef.option import Flag
from taskrole.taskdef.selection import select_documents
from taskrole.taskdef.values.values import Values

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--family",
        "families",
        multiple=True,
        metavar="NAME",
        help="Use only this family, Terraform address or logical id; repeatable.",
    ),
    click.option("--region", help="Region of the tasks. Default: that of taskDefinitionArn."),
    click.option("--account", help="Account of the tasks. Default: that of taskDefinitionArn or a role ARN."),
    click.option("--partition", help="Partition of the tasks. Default: the region's."),
    click.option(
        "--options",
        "options_file",
        type=click.Path(path_type=Path),
        metavar="FILE.yaml",
        help="Options that task definitions lack, as under options in roles.yaml.",
    ),
)


# The order of the flags in --help; others follow.
_FIRST = ("ecs_exec", "kms_keys", "pull_through_prefixes", "guardduty_agent", "vpc_endpoint", "sidecars")


@cache
def _flags() -> dict[str, Flag]:
    """Return the flags of options, by the names of the options."""
    flags = {field.name: field.metadata["flag"] for field in fields(Options) if field.metadata["flag"]}
    return {name: flags[name] for name in dict.fromkeys((*_FIRST, *flags))}


def has_flags(arguments: Mapping[str, Any]) -> bool:
    """Return whether an option is set on the command line."""
    return any(arguments[name] for name in ("options_file", *_flags()))


def _option_of(name: str, flag: Flag) -> Callable[[_Command], _Command]:
    settings: dict[str, Any] = {"help": flag.help, "multiple": flag.is_repeatable}
    if flag.choices:
        settings["type"] = click.Choice(flag.choices)
    elif flag.metavar:
        settings["metavar"] = flag.metavar
    else:
        settings["is_flag"] = True
    if flag.bare:
        settings |= {"is_flag": False, "flag_value": flag.bare}
    return click.option(flag.name, name, **settings)


def derivation_options(command: _Command) -> _Command:
    """Add the options for the context of tasks, for settings that definitions lack, and for placeholder values."""
    for option in reversed((*_OPTIONS, *(_option_of(name, flag) for name, flag in _flags().items()), *VALUE_OPTIONS)):
        command = option(command)
    return command


def read_tasks(
    files: Sequence[str],
    arguments: Mapping[str, Any],
    default: Context | None = None,
    last_region: Callable[[], str] | None = None,
    default_values: Values | None = None,
) -> tuple[list[TaskDocument], Context]:
    """Return the task definitions and where they run: from the options, `default`, or the definitions, in this order.

    `last_region` returns the region if none of these has one; `default_values` fill the placeholders that the options
    have no value for. Raises InputError.
    """
    values = given_values(arguments, default_values)
    reading = read_files(files, values=values)
    for line in skipped_lines(reading.skipped):
        message(line)
    documents = select_documents(reading.documents, arguments["families"])
    refuse_unused(arguments, values, documents)
    write_skeleton(arguments, documents)
    region = arguments["region"] or (default.region if default else None)
    if region is None and last_region and not any(document.data.get("taskDefinitionArn") for document in documents):
        region = last_region()
    context = resolve_context(
        documents,
        partition=arguments["partition"] or (default.partition if default and not arguments["region"] else None),
        region=region,
        account=arguments["account"] or (default.account if default else None),
    )
    warn_of_region(context.region)
    return documents, context


def read_options(arguments: Mapping[str, Any], context: Context, default: Options | None = None) -> Options:
    """Return the options in --options, or the defaults, overridden by the other flags. Raises InputError."""
    options = default or Options()
    if arguments["options_file"]:
        # Imported late: pydantic takes as long to load as everything else.
        from taskrole.config.options import load_options

        options = load_options(arguments["options_file"], context)
    return _with_flags(options, arguments, context)


def _with_flags(options: Options, arguments: Mapping[str, Any], context: Context) -> Options:
    changes: dict[str, Any] = {}
    for name, flag in _flags().items():
        if arguments[name]:
            try:
                changes[name] = flag.combine(getattr(options, name), arguments[name], context)
            except ValueError as error:
                raise click.BadParameter(str(error), param_hint=flag.name) from None
    return replace(options, **changes)
