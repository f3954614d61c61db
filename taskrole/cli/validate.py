"""`taskrole validate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    output_option,
    parse_outputs,
    report_findings,
)
from taskrole.cli.parts.selection import config_lines
from taskrole.config import load_config
from taskrole.errors import InputError
from taskrole.output.console import echo, is_quiet
from taskrole.output.lines import count

if TYPE_CHECKING:
    from taskrole.config import StackSpec

_FORMATS = ("text", *FORMATS_OF_FINDINGS)


@click.command()
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@output_option
@click.pass_obj
def validate(config: Path, /, **arguments: Any) -> None:
    """Check roles.yaml without Node, Terraform or an account.

    Prints every problem at once, one line each: file, line, column, key, rule, value, fix. Warnings and notes on a
    valid file go to standard error. The other formats hold problems, warnings and notes.
    """
    from taskrole.config.findings import config_findings, problem_findings

    outputs = parse_outputs(arguments["outputs"], FORMATS_OF_FINDINGS)
    try:
        stacks = load_config(config).stacks
    except InputError as error:
        report_findings(problem_findings(config, error), arguments["format_"], outputs)
        raise
    report_findings(config_findings(config, stacks), arguments["format_"], outputs)
    if arguments["format_"] == "text":
        _echo(config, stacks)


def _echo(config: Path, stacks: Sequence[StackSpec]) -> None:
    for line in config_lines(stacks, quiet=is_quiet()):
        echo(line, err=True)
    roles = sum(len(stack.roles) for stack in stacks)
    echo(f"{config}: valid; {count(len(stacks), 'stack')}, {count(roles, 'role')}")
