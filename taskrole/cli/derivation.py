"""The options of verbs that derive: task definitions, their context, and what they lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from taskrole.arns import Context
from taskrole.cli.keys import named_keys
from taskrole.cli.regions import warn_of_region
from taskrole.cli.values import VALUE_OPTIONS, given_values, refuse_unused, write_skeleton
from taskrole.output.console import message
from taskrole.render.skipped import skipped_lines
from taskrole.taskdef import EcsExec, Options, TaskDocument, read_files, resolve_context
from taskrole.taskdef.options import Sidecar
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
    click.option(
        "--exec",
        "exec_logging",
        is_flag=False,
        flag_value="none",
        type=click.Choice(["none", "default"]),
        help="ECS Exec is enabled. Default logging: to the containers' log groups.",
    ),
    click.option(
        "--kms-key",
        "kms_keys",
        multiple=True,
        metavar="[NAME=]ARN",
        help="KMS key of a secret, parameter or bucket, or of all secrets and parameters; aws-owned: AWS manages it.",
    ),
    click.option(
        "--pull-through",
        multiple=True,
        metavar="[REGISTRY=]PREFIX",
        help="Pull-through cache. Default registry: the tasks' own.",
    ),
    click.option("--guardduty", is_flag=True, help="GuardDuty adds its agent to Fargate tasks."),
    click.option("--vpc-endpoint", metavar="ID", help="Allow image pulls through this endpoint or VPC only."),
    click.option(
        "--sidecar",
        "sidecars",
        multiple=True,
        type=click.Choice(get_args(Sidecar)),
        help="Grant what this sidecar needs; repeatable.",
    ),
)


def derivation_options(command: _Command) -> _Command:
    """Add the options for the context of tasks, for what definitions lack, and for values of placeholders."""
    for option in reversed((*_OPTIONS, *VALUE_OPTIONS)):
        command = option(command)
    return command


def read_tasks(
    files: Sequence[str],
    arguments: Mapping[str, Any],
    default: Context | None = None,
    last_region: Callable[[], str] | None = None,
    default_values: Values | None = None,
) -> tuple[list[TaskDocument], Context]:
    """Return the task definitions and where they run: as given, else as `default` has it, else as they say.

    `last_region` returns the region where none of these has one; `default_values` fill the placeholders that the
    options have no value for. Raises InputError.
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
    """Return the options of --options, or the default ones, with those of the other flags. Raises InputError."""
    options = default or Options()
    if arguments["options_file"]:
        # Imported late: pydantic takes as long to load as everything else.
        from taskrole.config.options import load_options

        options = load_options(arguments["options_file"], context)
    return _with_flags(options, arguments, f"{context.account}.{context.region}")


def _with_flags(options: Options, arguments: Mapping[str, Any], own_registry: str) -> Options:
    prefixes = {registry: list(names) for registry, names in options.pull_through_prefixes.items()}
    for text in arguments["pull_through"]:
        registry, _, prefix = text.rpartition("=")
        prefixes.setdefault(registry or own_registry, []).append(prefix)
    exec_ = arguments["exec_logging"]
    return replace(
        options,
        kms_keys={**options.kms_keys, **named_keys(arguments["kms_keys"])},
        pull_through_prefixes={registry: tuple(names) for registry, names in prefixes.items()},
        ecs_exec=EcsExec(logging=exec_) if exec_ else options.ecs_exec,
        guardduty_agent=arguments["guardduty"] or options.guardduty_agent,
        vpc_endpoint=arguments["vpc_endpoint"] or options.vpc_endpoint,
        sidecars=(
            *options.sidecars,
            *(sidecar for sidecar in arguments["sidecars"] if sidecar not in options.sidecars),
        ),
    )
