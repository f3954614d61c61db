"""`taskrole validate`."""

from __future__ import annotations

from pathlib import Path

import click

from taskrole.config import load_config


@click.command()
@click.pass_obj
def validate(config: Path) -> None:
    """Check roles.yaml without Node, Terraform or an account.

    Prints every problem at once, one line each: file, line, column, key, rule, value, way out.
    """
    stacks = load_config(config).stacks
    roles = sum(len(stack.roles) for stack in stacks)
    click.echo(f"{config}: fine; {_count(len(stacks), 'stack')}, {_count(roles, 'role')}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
