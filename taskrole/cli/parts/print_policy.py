"""--print-policy: the permissions of a command that reads an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from taskrole.output.console import echo

_Command = TypeVar("_Command", bound=Callable[..., Any])


def print_policy(ctx: click.Context, command: str) -> None:
    """Print the policy of a command, and exit."""
    from taskrole.live.client import default_region
    from taskrole.live.needs import policy_for
    from taskrole.partitions import partition_of
    from taskrole.policy.documents.statements import policy_text

    home = partition_of(default_region() or "")
    echo(policy_text(policy_for(command, home.id if home else "aws")))
    ctx.exit()


def print_policy_option(command: str) -> Callable[[_Command], _Command]:
    """Return the option that prints the policy of a command and exits, even without required arguments."""

    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if not value or ctx.resilient_parsing:
            return
        print_policy(ctx, command)

    return click.option(
        "--print-policy",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Print the IAM policy that the command needs, and exit.",
    )
