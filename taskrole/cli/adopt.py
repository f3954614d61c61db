"""`taskrole adopt`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from taskrole.cli.parts.print_policy import print_policy_option
from taskrole.errors import printable
from taskrole.output.console import echo, message
from taskrole.output.lines import count

if TYPE_CHECKING:
    from taskrole.live.adopted_file import Adopted, AdoptRequest

_MOST_ATTEMPTS = 5

_HELP = """\
Add existing roles of an account to roles.yaml, so that Terraform imports them unchanged.

ROLE is a name or an ARN. Comments and order of the file are preserved; a missing file is created. Nothing is left
out: policies that taskrole would not write are kept verbatim. The account is read with the credentials of the
environment, and never changed.

\b
taskrole adopt fcjEcsTaskExecutionRole
taskrole adopt --all-ecs --stack production
"""


@click.command(help=_HELP)
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option("--all-ecs", is_flag=True, help="Adopt all roles that ECS tasks can assume.")
@click.option("--kind", type=click.Choice(["execution", "task"]), help="Role kind. Default: inferred from the role.")
@click.option("--stack", metavar="NAME", help="Stack to add roles to. Default: the only stack; ecs in a new file.")
@click.option("--region", help="Region of a new stack. Default: the environment's.")
@click.option("--dry-run", is_flag=True, help="Print the resulting roles.yaml without writing it.")
@print_policy_option("adopt")
@click.pass_context
def command(ctx: click.Context, /, roles: tuple[str, ...], **arguments: Any) -> None:
    """Adopt roles."""
    if bool(roles) == arguments["all_ecs"]:
        raise click.UsageError("Missing argument 'ROLE'; give roles, or use --all-ecs.", ctx)
    # Imported late: they load boto3 and pydantic.
    from taskrole.live.adopted_file import AdoptRequest

    config: Path = ctx.obj
    request = AdoptRequest(roles, arguments["stack"], arguments["region"], cast("Any", arguments["kind"]))
    adopted = _adopt(config, request, is_written=not arguments["dry_run"])
    for line in adopted.passed:
        message(printable(line))
    for line in (*adopted.warnings, *adopted.changes):
        echo(printable(f"warning: {line}"), err=True)
    if not adopted.adoptions:
        echo(f"{config}: nothing to adopt")
        return
    if arguments["dry_run"]:
        echo(adopted.text, nl=False)
        return
    echo(f"{config}: adopted {count(len(adopted.adoptions), 'role')} into stack {adopted.stack}")
    for adoption in adopted.adoptions:
        echo(printable(f"  {adoption.kind:<9} {adoption.name}"))
    if not adopted.changes:
        message(
            f"The first plan will show: {adopted.imports} to import, 0 to add, 0 to change, 0 to destroy.", err=False
        )


def _adopt(config: Path, request: AdoptRequest, *, is_written: bool) -> Adopted:
    """Adopt the roles and write the file; retry if the file changes in between."""
    from taskrole.files import ChangedError

    for _ in range(_MOST_ATTEMPTS - 1):
        try:
            return _adopt_once(config, request, is_written=is_written)
        except ChangedError:  # noqa: PERF203 -- the next attempt reads it again
            _progress(f"{config}: changed while it was edited; reading it again")
    return _adopt_once(config, request, is_written=is_written)


def _adopt_once(config: Path, request: AdoptRequest, *, is_written: bool) -> Adopted:
    from taskrole.live.adopted_file import adopt_roles, write_adopted

    adopted = adopt_roles(config, request, _progress)
    if is_written and adopted.adoptions:
        write_adopted(config, adopted)
    return adopted


def _progress(line: str) -> None:
    message(printable(line))
