"""`taskrole validate`."""

from __future__ import annotations

from pathlib import Path

import click

from taskrole.cli.selection import notice_lines
from taskrole.config import load_config
from taskrole.output.console import echo, is_quiet
from taskrole.output.lines import count


@click.command()
@click.pass_obj
def validate(config: Path) -> None:
    """Check roles.yaml without Node, Terraform or an account.

    Prints every problem at once, one line each: file, line, column, key, rule, value, fix. Warnings and notes on a
    valid file go to standard error.
    """
    stacks = load_config(config).stacks
    for line in notice_lines(stacks, quiet=is_quiet()):
        echo(line, err=True)
    roles = sum(len(stack.roles) for stack in stacks)
    echo(f"{config}: valid; {count(len(stacks), 'stack')}, {count(roles, 'role')}")
