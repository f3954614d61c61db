"""`taskrole adopt`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from taskrole.cli.print_policy import print_policy_option
from taskrole.errors import printable
from taskrole.output.console import echo, message
from taskrole.output.lines import count

if TYPE_CHECKING:
    from taskrole.live.adopted_file import Adopted, Wish

_MOST_ATTEMPTS = 5

_HELP = """\
Add roles that exist in the account to roles.yaml, for Terraform to take over as they are.

ROLE is a name or an ARN. The file's comments and order stay; without a file, one is begun. Nothing is left out:
what taskrole has no word for is kept word for word. The account is read, with the credentials of the environment,
and never written to.

\b
taskrole adopt fcjEcsTaskExecutionRole
taskrole adopt --all-ecs --stack production
"""


@click.command(help=_HELP)
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option("--all-ecs", is_flag=True, help="Every role of the account that ECS may assume for tasks.")
@click.option("--kind", type=click.Choice(["execution", "task"]), help="What the roles are. Default: as they seem.")
@click.option("--stack", metavar="NAME", help="The stack to add them to. Default: the file's only one; ecs in a new.")
@click.option("--region", help="Of a new stack. Default: the environment's.")
@click.option("--dry-run", is_flag=True, help="Print the roles.yaml that would be, and write nothing.")
@print_policy_option("adopt")
@click.pass_context
def command(ctx: click.Context, /, roles: tuple[str, ...], **arguments: Any) -> None:
    """Adopt roles."""
    if bool(roles) == arguments["all_ecs"]:
        raise click.UsageError("Name roles, or give --all-ecs.", ctx)
    # Only now: these load boto3, and pydantic.
    from taskrole.live.adopted_file import Wish

    config: Path = ctx.obj
    wish = Wish(roles, arguments["stack"], arguments["region"], cast("Any", arguments["kind"]))
    adopted = _adopt(config, wish, is_written=not arguments["dry_run"])
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
            f"The first plan will say: {adopted.imports} to import, 0 to add, 0 to change, 0 to destroy.", err=False
        )


def _adopt(config: Path, wish: Wish, *, is_written: bool) -> Adopted:
    """Adopt the roles and write the file; do both again, a few times, where the file was changed meanwhile."""
    from taskrole.files import ChangedError

    for _ in range(_MOST_ATTEMPTS - 1):
        try:
            return _adopt_once(config, wish, is_written=is_written)
        except ChangedError:  # noqa: PERF203 -- the next attempt reads it again
            _progress(f"{config}: was changed meanwhile; reading it again")
    return _adopt_once(config, wish, is_written=is_written)


def _adopt_once(config: Path, wish: Wish, *, is_written: bool) -> Adopted:
    from taskrole.live.adopted_file import adopt_roles, write_adopted

    adopted = adopt_roles(config, wish, _progress)
    if is_written and adopted.adoptions:
        write_adopted(config, adopted)
    return adopted


def _progress(line: str) -> None:
    message(printable(line))
