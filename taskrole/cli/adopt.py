"""`taskrole adopt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from taskrole.cli.print_policy import print_policy_option
from taskrole.errors import printable
from taskrole.render.lines import count

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
    from taskrole.files import write_beside
    from taskrole.live.adopted_file import Wish, adopt_roles
    from taskrole.live.roles_file import write_new

    config: Path = ctx.obj
    wish = Wish(roles, arguments["stack"], arguments["region"], cast("Any", arguments["kind"]))
    adopted = adopt_roles(config, wish, lambda line: click.echo(printable(line), err=True))
    for line in (*adopted.passed, *(f"warning: {one}" for one in (*adopted.warnings, *adopted.changes))):
        click.echo(printable(line), err=True)
    if not adopted.adoptions:
        click.echo(f"{config}: nothing to adopt")
        return
    if arguments["dry_run"]:
        click.echo(adopted.text, nl=False)
        return
    (write_new if adopted.is_new else write_beside)(config, adopted.text)
    click.echo(f"{config}: adopted {count(len(adopted.adoptions), 'role')} into stack {adopted.stack}")
    for one in adopted.adoptions:
        click.echo(printable(f"  {one.kind:<9} {one.name}"))
    if not adopted.changes:
        click.echo(f"The first plan will say: {adopted.imports} to import, 0 to add, 0 to change, 0 to destroy.")
